/** @file The page begins: the shell is drawn at once, and what the device offers and which runs there are comes to it. */

import { render } from 'preact';
import { automation } from './automation';
import { keepOffline } from './offline';
import { Shell } from './shell';
import { findDevice } from './state/device';
import { refresh } from './state/library';
import { tellFailure } from './state/toasts';
import './style.css';
import './charts/palette.css';

window.zeroloop = automation;

const root = document.getElementById('app');
if (root) render(<Shell />, root);

findDevice().catch(tellFailure);
void refresh();
void keepOffline();
