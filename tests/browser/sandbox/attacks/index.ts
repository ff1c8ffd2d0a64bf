/** @file Every attack, by family. */
import type { Attack } from './attack';
import { bombs } from './bombs';
import { equality } from './equality';
import { forgery } from './forgery';
import { frames } from './frames';
import { gate } from './gate';
import { literals } from './literals';
import { network } from './network';
import { nondeterminism } from './nondeterminism';
import { residue } from './residue';
import { storage } from './storage';
import { tampering } from './tampering';

export const attacks: Attack[] = [
  ...network,
  ...storage,
  ...forgery,
  ...tampering,
  ...frames,
  ...equality,
  ...literals,
  ...bombs,
  ...nondeterminism,
  ...gate,
  ...residue,
];
