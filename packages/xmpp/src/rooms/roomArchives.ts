/**
 * The archive of each room is read whenever the room is joined, and what is said there meanwhile waits behind it.
 * @module
 */
import type { Arrival } from '../arrival/arrival.js';
import type { Link } from '../link.js';
import type { RoomEvent } from './roomEvents.js';

/** Archives of rooms. */
export interface RoomArchives {
  /** A room is about to be joined. */
  expect(room: string): void;
  /** It was not. */
  give(room: string): void;
  /** Takes in what happened to a room. */
  take(event: RoomEvent): void;
  /** Watches no more. */
  close(): void;
}

/** @param read reads the archive of a room, tells how it ended, and throws nothing */
export function createRoomArchives(
  link: Link,
  arrival: Pick<Arrival, 'hold' | 'release'>,
  read: (room: string) => Promise<void>,
): RoomArchives {
  const rooms = new Set<string>();
  const end = link.onOnline((resumed) => {
    if (!resumed) for (const room of rooms) arrival.hold(room);
  });
  function give(room: string): void {
    rooms.delete(room);
    arrival.release(room);
  }
  return {
    expect(room) {
      rooms.add(room);
      arrival.hold(room);
    },
    give,
    take(event) {
      if (event.kind === 'room-joined') {
        if (event.hasArchive) void read(event.room);
        else arrival.release(event.room);
      } else if (
        (event.kind === 'room-left' && event.reason !== 'lost') ||
        (event.kind === 'room-lost' && event.retryAt === undefined)
      ) {
        give(event.room);
      }
    },
    close: end,
  };
}
