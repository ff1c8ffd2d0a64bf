/** @file What is known of the chosen run before it begins: what it takes, and why it cannot be, if it cannot. */

import { useEffect, useState } from 'preact/hooks';
import type { ModelShape } from '../../model/config';
import type { Config } from '../../selfplay/config';
import type { PresetName } from '../../selfplay/presets';
import { device } from '../state/device';
import { config, draft } from '../state/draft';
import { runs } from '../state/library';
import { connectedNode } from '../state/node';
import { type AboutModel, aboutModel } from './about-model';
import { backendOf, roomOf } from './choice';
import {
  type MemoryEstimate,
  memoryOf,
  type Speed,
  speedOf,
  type TimeEstimate,
  timeOf,
  typicalSpeed,
} from './estimate';
import { measuredHere } from './measured';

export type Forecast =
  | { kind: 'none' }
  | { kind: 'failed'; reason: string }
  | {
      kind: 'known';
      memory: MemoryEstimate;
      time: TimeEstimate;
      source: Speed['source'];
      /** Why this model cannot be trained so; null if it can. */
      refusal: string | null;
      /** A preset that would do, where the chosen one speaks another language than the model. */
      instead: PresetName | null;
    };

/** The one of before stays until there is another, so that nothing jumps while somebody types. */
export function useForecast(): Forecast {
  const [forecast, setForecast] = useState<Forecast>({ kind: 'none' });
  const chosen = config.value;
  const { model, backend: choice } = draft.value;
  const report = device.value;
  const backend = backendOf(choice, report);
  const node = connectedNode.value;
  const known = runs.value;
  // What was measured changes with the runs.
  useEffect(() => {
    if (!chosen) return;
    let current = true;
    const look = async (): Promise<Forecast> => {
      let about: AboutModel;
      try {
        about = await aboutModel(model);
      } catch (error) {
        return { kind: 'failed', reason: (error as Error).message };
      }
      return forecastOf(chosen, about);
    };
    const forecastOf = async (config: Config, { shape, suits, misfit }: AboutModel): Promise<Forecast> => {
      const [language, measured] = await Promise.all([misfit(config), measuredHere(config, shape, backend)]);
      const memory = memoryOf(config, shape, roomOf(backend, report, node));
      const speed = measured ? speedOf(measured) : typicalThere(shape);
      return {
        kind: 'known',
        memory,
        time: timeOf(config, speed),
        source: speed.source,
        refusal: language ?? memory.refusal,
        instead: language === null ? null : suits,
      };
    };
    const typicalThere = (shape: ModelShape): Speed => {
      if (backend !== 'remote') return typicalSpeed(backend, shape, report?.threads ?? 1);
      const alike = node?.engine.backend === 'webgpu' ? 'webgpu' : 'wasm';
      const speed = typicalSpeed(alike, shape, node?.engine.threads ?? 1);
      return { ...speed, source: { kind: 'elsewhere', backend } };
    };
    look().then((found) => current && setForecast(found));
    return () => {
      current = false;
    };
  }, [chosen, model, backend, report, node?.engine.device, known]);
  return forecast;
}
