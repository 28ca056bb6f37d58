"""A slixmpp client that is told what to do by JSON lines and tells what it sees by JSON lines.

    slixmpp_peer.py HOST PORT JID PASSWORD

Commands: {"id": 1, "do": "send", "to": ..., "body": ..., "child": "<x xmlns=.../>", "type": "chat"}, "mam" (all of the own
archive, or that "with" somebody), "items" (of "node" at "jid"), "join" ("room", "nick"), "presence" ("to", "type"), "quit".
"""
import asyncio
import json
import sys

import slixmpp
from slixmpp.xmlstream import ET, tostring

EME = '{urn:xmpp:eme:0}encryption'


def tell(**what):
    print(json.dumps(what), flush=True)


def seen(message):
    """What this client's own stanza classes make of a message."""
    encryption = message.xml.find(EME)
    return {
        'from': str(message['from']), 'to': str(message['to']), 'type': message['type'], 'messageId': message['id'],
        'body': message['body'], 'delayed': message.xml.find('{urn:xmpp:delay}delay') is not None,
        'encryption': None if encryption is None else
        {'namespace': message['eme']['namespace'], 'name': message['eme']['name']},
        'xml': tostring(message.xml),
    }


class Peer(slixmpp.ClientXMPP):
    def __init__(self, jid, password):
        super().__init__(jid, password)
        self.tasks = set()
        for number in ('0030', '0045', '0060', '0163', '0198', '0199', '0203', '0280', '0313', '0334', '0380'):
            self.register_plugin('xep_' + number)
        self['feature_mechanisms'].unencrypted_plain = True
        self['feature_mechanisms'].unencrypted_scram = True
        self.add_event_handler('session_start', self.on_start)
        self.add_event_handler('message', lambda message: tell(event='message', **seen(message)))
        self.add_event_handler('carbon_sent', lambda outer: tell(event='carbon', **seen(outer['carbon_sent'])))
        self.add_event_handler('failed_auth', lambda _: tell(event='failed', error='authentication'))
        self.add_event_handler('disconnected', lambda _: tell(event='disconnected'))

    async def on_start(self, _):
        self.send_presence()
        await self.get_roster()
        await self['xep_0280'].enable()
        tell(event='online', jid=str(self.boundjid))

    def run(self, work):
        # asyncio itself holds tasks weakly: without a reference one may vanish half-way
        task = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def obey(self, command):
        try:
            tell(event='done', id=command['id'], result=await getattr(self, 'do_' + command['do'])(command))
        except slixmpp.exceptions.IqError as error:
            tell(event='failed', id=command['id'], error=error.condition)
        except Exception as error:  # whatever goes wrong belongs to the command
            tell(event='failed', id=command['id'], error=repr(error))

    async def do_send(self, command):
        message = self.make_message(mto=command['to'], mtype=command.get('type', 'chat'), mbody=command.get('body'))
        if command.get('child'):
            message.append(ET.fromstring(command['child']))
        message.send()
        return message['id']

    async def do_mam(self, command):
        found = []
        async for outer in self['xep_0313'].iterate(with_jid=command.get('with'), rsm={'max': 50}):
            found.append(seen(outer['mam_result']['forwarded']['stanza']))
        return found

    async def do_items(self, command):
        answer = await self['xep_0060'].get_items(command['jid'], command['node'])
        return [tostring(item.xml) for item in answer['pubsub']['items']]

    async def do_join(self, command):
        await self['xep_0045'].join_muc_wait(command['room'], command['nick'], timeout=10)

    async def do_presence(self, command):
        self.send_presence(pto=command.get('to'), ptype=command.get('type'))

    async def do_quit(self, _):
        self.disconnect()

    async def read_commands(self):
        reader = asyncio.StreamReader()
        await self.loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            self.run(self.obey(json.loads(line)))
        self.disconnect()


if __name__ == '__main__':
    host, port, jid, password = sys.argv[1:5]
    peer = Peer(jid, password)
    peer.connect((host, int(port)), force_starttls=False, disable_starttls=True)
    peer.run(peer.read_commands())
    peer.process(forever=False)
