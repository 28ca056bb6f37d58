/**
 * What rooms tell the application.
 * @module
 */

/** Why one is not in a room any more. */
export type LeftReason =
  | 'left'
  | 'kicked'
  | 'banned'
  | 'no-member'
  | 'destroyed'
  /** Its service went down, or lost us: it is joined again. */
  | 'lost';

/** What happened in a room; `room` is its bare JID. */
export type RoomEvent =
  /** It was joined. `hasArchive`: catch up with it. `unfit`: why nothing is sealed to it, where nothing is. */
  | {
      readonly kind: 'room-joined';
      readonly room: string;
      readonly hasArchive: boolean;
      readonly unfit: Error | undefined;
    }
  /** Members came or went, by the room's word: what is sealed from now on is sealed to the others. */
  | {
      readonly kind: 'room-members';
      readonly room: string;
      readonly added: readonly string[];
      readonly removed: readonly string[];
    }
  /** Its subject, which is never sealed: the room shows it to everybody. `by`: real bare JID of who set it, where that is known. */
  | { readonly kind: 'room-subject'; readonly room: string; readonly subject: string; readonly by: string | undefined }
  /** One is not in it any more. */
  | {
      readonly kind: 'room-left';
      readonly room: string;
      readonly reason: LeftReason;
      readonly text: string | undefined;
      /** Of a room that was destroyed: which takes its place, by its word. */
      readonly alternate: string | undefined;
    }
  /** Joining it again failed; it is tried at `retryAt`, in ms since 1970, unless the room refused. */
  | {
      readonly kind: 'room-lost';
      readonly room: string;
      readonly cause: unknown;
      readonly retryAt: number | undefined;
    };
