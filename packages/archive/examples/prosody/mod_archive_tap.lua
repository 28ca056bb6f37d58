-- Copies what is said to a component, as XEP-0297 has it: `archive feed` of stanzaseal, or any other archiver.
--   VirtualHost "capulet.example"
--     modules_enabled = { "archive_tap" }
--     archive_tap_component = "archiver.capulet.example"
-- There is no queue: what is said while the component is away only Prosody's own archive has.
local st = require "util.stanza";
local jid_host = require "util.jid".host;

local target = assert(module:get_option_string("archive_tap_component"), "archive_tap_component is not set");

local function copy(event)
	local stanza = event.stanza;
	if stanza.attr.type == "error" then return; end
	local inner = st.clone(stanza);
	inner.attr.xmlns = "jabber:client";
	module:send(st.message({ from = module.host, to = target })
		:tag("forwarded", { xmlns = "urn:xmpp:forward:0" }):add_child(inner));
end

-- To an account of this host, after mod_mam (0) and mod_carbons (-0.5), before mod_message (-1) delivers it.
module:hook("message/bare", copy, -0.75);
module:hook("message/full", copy, -0.75);

-- From an account of this host to anywhere else; what goes to this host is seen when it arrives.
local function outgoing(event)
	local to = event.stanza.attr.to;
	if to and jid_host(to) ~= module.host then copy(event); end
end
module:hook("pre-message/bare", outgoing, -0.75);
module:hook("pre-message/full", outgoing, -0.75);
