/*
 * A prekey from its use to its erasure, on one device: two processes that want the store, crashes at any step, a server that
 * delivers anything any number of times, and an owner who puts back an old image of the disk.
 *
 * The epoch counts commits; the device publishes it in what it signs. A store whose epoch is below the published one is an old
 * image and refuses to work (ERR_ROLLBACK).
 *
 * Claims (assertions):
 *   P1  no object opens by the prekey once its erasure was acknowledged;
 *   P2  an object is accepted once, whatever arrives twice, and whoever else opened the store;
 *   P3  when an erasure is acknowledged, the key that the prekey was stored under is overwritten: an image of the disk taken
 *       from then on, with the passphrase, does not hold it.
 *
 * Each protection can be taken away, and the claim that it carries then fails:
 *   -DNO_LOCK            two writers at once                       P2 fails
 *   -DNO_REPLAY_MEMORY   accepted objects not remembered           P2 fails
 *   -DNO_EPOCH           an old image is believed                  P1 fails: putting back an old image undoes erasure
 *   -DACK_BEFORE_WIPE    acknowledged before the overwriting       P3 fails
 *   -DCLAIMED_BEFORE_PUBLISHED  what is not published is claimed  P2 fails, and so nothing is promised against an image younger
 *                        than the last publication
 *
 * A commit is one step here: that it is, with torn sectors and lost writes, is shown by the power-loss tests of the key store.
 */
#define OBJECTS 2
#define OPENINGS 3

/* the disk: what survives a crash */
bool record = true;      /* the prekey's record, under the old erasure key */
bool oldKey = true;      /* slot of the old erasure key */
bool newKey = false;     /* slot of the new one; the snapshot without the record is under it */
bool accepted[OBJECTS];
byte epoch = 1;
bool lock = false;

/* the server: the highest epoch in a record signed by the device */
byte published = 1;

/* an image of the disk, once taken */
bool imageRecord; bool imageOldKey; bool imageNewKey; bool imageAccepted[OBJECTS]; byte imageEpoch;
byte imageShown[OBJECTS]; bool imageAcknowledged;

/* what was promised, and what the user saw: no part of the system */
bool acknowledged = false;
byte shown[OBJECTS];

byte openings = 0;

active [2] proctype Process() {
  bool hasPrekey; bool seen[OBJECTS]; byte object;

closed:
  do
  :: openings < OPENINGS ->
#ifdef NO_LOCK
     openings++
#else
     atomic { !lock && openings < OPENINGS -> lock = true; openings++ }
#endif
     /* finish what a crash interrupted: the switch was durable, the old slot may not be overwritten yet */
     if
     :: newKey && !record && oldKey -> oldKey = false
     :: else
     fi;
     atomic {
#ifndef NO_EPOCH
       if
       :: epoch < published -> goto refused      /* ERR_ROLLBACK, until the application decides */
       :: else
       fi;
#endif
       hasPrekey = record && oldKey;
       seen[0] = accepted[0]; seen[1] = accepted[1]
     }
     goto opened
  :: else -> goto end
  od;

opened:
  do
  :: /* an object arrives; which, and how often, is the server's choice */
     if :: object = 0 :: object = 1 fi;
     if
     :: hasPrekey && !seen[object] ->
        /* it opens by the prekey */
        assert(!acknowledged);                                   /* P1 */
        if
        :: goto crash                                            /* opened and not accepted: it opens again */
        :: atomic {
#ifndef NO_REPLAY_MEMORY
             accepted[object] = true;
             epoch++;
             seen[object] = true;
#endif
             shown[object]++;
             assert(shown[object] <= 1)                          /* P2 */
           }
        fi
     :: else                                                     /* a duplicate, or not to be opened */
     fi
  :: hasPrekey && (accepted[0] || accepted[1]) ->
     /* due: the new key first, then the snapshot without the record under it, then the old key is overwritten */
     newKey = true;
     if :: goto crash :: skip fi;
     atomic { record = false; epoch++; hasPrekey = false };
#ifdef ACK_BEFORE_WIPE
     acknowledged = true; assert(!oldKey);                       /* P3 */
#endif
     if :: goto crash :: skip fi;
     oldKey = false;
     atomic { acknowledged = true; assert(!oldKey || record) }   /* P3 */
  :: epoch > published -> published = epoch
  :: goto crash
  od;

crash:
  /* memory is gone */
  atomic { hasPrekey = false; seen[0] = false; seen[1] = false; object = 0 };
refused:
  lock = false;
  goto closed;
end:
  skip
}

/* The owner's image of the disk: taken once, put back once, while no process has the store. */
active proctype Owner() {
  atomic {
    !lock;
    imageRecord = record; imageOldKey = oldKey; imageNewKey = newKey; imageEpoch = epoch;
    imageAccepted[0] = accepted[0]; imageAccepted[1] = accepted[1];
    imageShown[0] = shown[0]; imageShown[1] = shown[1]; imageAcknowledged = acknowledged
  };
  atomic {
    !lock;
    record = imageRecord; oldKey = imageOldKey; newKey = imageNewKey; epoch = imageEpoch;
    accepted[0] = imageAccepted[0]; accepted[1] = imageAccepted[1];
#ifndef CLAIMED_BEFORE_PUBLISHED
    /* Nothing that happened after the image was published: nothing was promised of it, and it is as if it had not been. */
    if
    :: imageEpoch >= published ->
       shown[0] = imageShown[0]; shown[1] = imageShown[1]; acknowledged = imageAcknowledged
    :: else
    fi
#endif
  }
}
