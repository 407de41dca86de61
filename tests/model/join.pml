/* SPDX-License-Identifier: MIT */
/*
 * join.pml - Holdfast's join: two officers, one or two controllers, a thief of a controller's key, a lossy broker that
 * replays, one or two devices that are killed at any step (also between enforcing, writing and reporting) and whose
 * memory is lost.
 *
 * Proves (policy D9.2, D9.3): never open against what was verified; no false lock; opened only by two officers; whoever
 * has lost what it knew is shut. tests/model/check.py plays all variants, and this model with faults in it, which must
 * be refused. Each step names the functions that it mirrors, and tests/checks/proofs.py looks for them.
 */
#ifndef THIEF
#define THIEF 0
#endif
#ifndef CTRLS
#define CTRLS 1
#endif
#ifndef REBOOT
#define REBOOT 0 /* 1: a death may take the kernel's block with it: what was not written down was not verified */
#endif
#ifndef LOSSES
#define LOSSES 0 /* how often both slots of some device are lost */
#endif
#ifndef ND
#define ND 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif
bool sR, s1, s2;   /* signatures that exist: of the raise by officer 1; of the release by officers 1 and 2 */
bool cR[2], cL[2]; /* what each controller has recorded */
bool old[8];       /* states that were ever said, R + 2*s1 + 4*s2: they can be heard again at any time */
bool thief8[8];    /* what the thief has said */
byte losses = LOSSES, crashes = CRASHES;
/* a device: memory, slots, third copy; R raise, L release, U unknown, H holding */
bool mR[2], mL[2], mU[2], dR[2], dL[2], dU[2], dH[2], tR[2], tL[2], tU[2], tH[2];
bool third[2];     /* the third copy's number is the sealed one */
bool blocked[2];
byte loss[2];      /* which loss this is: its nonce */
/* the word of two officers on a loss; half: of one alone. live: it names the raise */
bool word[2], half[2], live[2], kept[2];
byte wordLoss[2];
bool gR[2], gL[2]; /* ghosts: has ever verified the raise (and acted on it), an approved release */
bool rest[2] = true;
bool said[2];      /* its last report said that it is enforced */
#define SAYS(c) (cR[c] + 6 * cL[c])
#define SHUT(i) ((mR[i] && !mL[i]) || mU[i])
#ifndef RULE
#define RULE(i) (word[i] && wordLoss[i] == loss[i]) /* mirrors: hf_recover_open hf_recover_names */
#endif
#ifndef HELD
#define HELD(i) (!live[i] || mR[i])                 /* mirrors: all_held */
#endif
#define CLAIM(i) \
  assert(!(gR[i] && !gL[i]) || blocked[i]);      /* never open against what was verified */ \
  assert(!blocked[i] || sR || mU[i]);            /* no false lock from anybody without authority */ \
  assert(!(gR[i] && !blocked[i]) || (s1 && s2)); /* opened by two officers alone */ \
  assert(!mU[i] || blocked[i])                   /* whoever has lost what it knew is shut */
/* mirrors: hf_officer_sign (an officer alone has the key) hf_cli_recover (a word on this very loss: all that is live) */
proctype officers()
{
  do
  :: !sR -> sR = 1
  :: sR && !s1 -> s1 = 1
  :: sR && !s2 -> s2 = 1
#if LOSSES
  :: atomic { mU[0] && !(word[0] && wordLoss[0] == loss[0]) -> word[0] = 1; half[0] = 0; wordLoss[0] = loss[0]; live[0] = sR && !(s1 && s2) }
  :: atomic { mU[0] && !word[0] -> half[0] = 1 }
#if ND == 2
  :: atomic { mU[1] && !(word[1] && wordLoss[1] == loss[1]) -> word[1] = 1; half[1] = 0; wordLoss[1] = loss[1]; live[1] = sR && !(s1 && s2) }
#endif
#endif
  :: sR && s1 && s2 && losses == 0 && !mU[0] && !mU[1] -> break
  od
}
/* mirrors: hf_judge hf_controller_enter (records) say_state (says all that it has recorded, with the approvals) */
proctype controller(byte c)
{
end:
  do
  :: atomic { sR && !cR[c] -> old[SAYS(c)] = 1; cR[c] = 1 }
  :: atomic { cR[c] && !cL[c] && s1 && s2 -> old[SAYS(c)] = 1; cL[c] = 1 }
  od
}
#if THIEF
/* mirrors: check_controller (any state with orders and signatures that exist is heard; each order is judged alone) */
proctype thief()
{
end:
  do
  :: atomic { !thief8[0] -> thief8[0] = 1 }
  :: atomic { sR && !thief8[1] -> thief8[1] = 1 }
  :: atomic { s1 && !thief8[3] -> thief8[2] = 1; thief8[3] = 1 } /* half a release, with and without its raise */
  :: atomic { s2 && !thief8[5] -> thief8[4] = 1; thief8[5] = 1 }
  :: atomic { s1 && s2 && !thief8[7] -> thief8[6] = 1; thief8[7] = 1 }
  od
}
#endif
proctype device(byte i)
{
  byte k;
end:
  do
  :: /* the broker picks: any state that was ever said, any number of times; mirrors: hf_keeper_hear hf_known_hear hf_orders_join */
     atomic { rest[i] ->
       if
       :: k = SAYS(0)
#if CTRLS == 2
       :: k = SAYS(1)
#endif
#if THIEF
       :: thief8[0] -> k = 0
       :: thief8[1] -> k = 1
       :: thief8[2] -> k = 2
       :: thief8[3] -> k = 3
       :: thief8[4] -> k = 4
       :: thief8[5] -> k = 5
       :: thief8[6] -> k = 6
       :: thief8[7] -> k = 7
#endif
       :: old[0] -> k = 0
       :: old[1] -> k = 1
       :: old[7] -> k = 7
#if LOSSES
       :: word[i] || half[i] -> k = 8 /* a word on a loss; mirrors: hf_memory_take_recover */
#endif
       fi;
       rest[i] = 0;
       if :: k != 8 && (k & 1) -> mR[i] = 1 :: else fi;
       if :: k != 8 && (k & 6) == 6 -> mL[i] = 1; gL[i] = 1 :: else fi;
#if LOSSES
       if :: k == 8 && mU[i] && RULE(i) -> kept[i] = 1 :: else fi;
       if :: mU[i] && kept[i] && RULE(i) && HELD(i) -> mU[i] = 0; kept[i] = 0; gL[i] = gL[i] || (!live[i] && s1 && s2) :: else fi; /* mirrors: hf_memory_recover hf_recover_ends */
#endif
       k = 0
     }
     if :: SHUT(i) -> atomic { blocked[i] = 1;                     /* mirrors: carry_out tell_layers */
#if !REBOOT
             if :: mR[i] -> gR[i] = 1 :: else fi
#endif
           }
        :: !SHUT(i)
        :: crashes > 0 -> goto dead fi;
     if :: atomic { third[i] = 0 }                                 /* mirrors: seal_next */
        :: crashes > 0 -> goto dead fi;
     if :: atomic { dR[i] = mR[i]; dL[i] = mL[i]; dU[i] = mU[i]; dH[i] = blocked[i];  /* mirrors: hf_keeper_save hf_store_save */
             if :: mR[i] -> gR[i] = 1 :: else fi }
        :: crashes > 0 -> goto dead fi;
     if :: atomic { tR[i] = dR[i]; tL[i] = dL[i]; tU[i] = dU[i]; tH[i] = dH[i]; third[i] = 1 } /* mirrors: save_copy */
        :: crashes > 0 -> goto dead fi;
     if :: atomic { if :: !SHUT(i) -> blocked[i] = 0 :: else fi }  /* mirrors: carry_out tell_layers */
        :: crashes > 0 -> goto dead fi;
     if :: atomic { said[i] = blocked[i]; rest[i] = 1; CLAIM(i); assert(!said[i] || blocked[i]) } /* mirrors: hf_keeper_report */
        :: crashes > 0 -> goto dead fi
     if :: atomic { dH[i] = blocked[i]; tH[i] = blocked[i] } :: crashes > 0 -> goto dead fi
  :: crashes > 0 -> goto dead
#if LOSSES
  :: atomic { losses > 0 && rest[i] -> goto lost }
#endif
  od;
dead: /* killed; mirrors: hf_keeper_load look_for_left_overs carry_out_first */
  atomic { crashes--;
#if REBOOT
    if :: blocked[i] = 0 :: skip fi;
#endif
    mR[i] = dR[i]; mL[i] = dL[i]; kept[i] = 0;
    if :: dU[i] || (blocked[i] && !dH[i]) -> loss[i]++; mU[i] = 1 :: else -> mU[i] = 0 fi; /* each life is a loss of its own */
    blocked[i] = SHUT(i); rest[i] = 1; k = 0; CLAIM(i) }
  goto end;
#if LOSSES
lost: /* both slots are gone; mirrors: hf_store_load load_third begin_anew look_for_left_overs name_loss */
  atomic { losses--;
#if REBOOT
    if :: blocked[i] = 0 :: skip fi;
#endif
    if :: third[i] -> mR[i] = tR[i]; mL[i] = tL[i]; mU[i] = tU[i] || (blocked[i] && !tH[i]); if :: mU[i] -> loss[i]++ :: else fi
       :: !third[i] || losses >= 0 -> mR[i] = 0; mL[i] = 0; mU[i] = 1; third[i] = 0; loss[i]++ fi; /* or the third copy is lost, too */
    kept[i] = 0; dR[i] = mR[i]; dL[i] = mL[i]; dU[i] = mU[i]; dH[i] = blocked[i];
    blocked[i] = blocked[i] || SHUT(i); if :: !SHUT(i) -> blocked[i] = 0 :: else fi;
    rest[i] = 1; k = 0; CLAIM(i) }
  goto end
#endif
}
init { atomic { run officers(); run controller(0);
#if CTRLS == 2
  run controller(1);
#endif
#if THIEF
  run thief();
#endif
  run device(0);
#if ND == 2
  run device(1)
#endif
} }
