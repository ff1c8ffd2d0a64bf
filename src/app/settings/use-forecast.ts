/** @file What is known of the chosen run before it begins: what it takes, and why it cannot be, if it cannot. */

import { useEffect, useState } from 'preact/hooks';
import { type Config, readConfig } from '../../selfplay/config';
import type { PresetName } from '../../selfplay/presets';
import { device } from '../state/device';
import { config, draft } from '../state/draft';
import { runs } from '../state/library';
import { connectedNode } from '../state/node';
import { type AboutModel, aboutModel } from './about-model';
import { backendOf, roomOf, speedThere } from './choice';
import { type MemoryEstimate, memoryOf, type Speed, speedOf, type TimeEstimate, timeOf } from './estimate';
import { measuredHere } from './measured';
import { fillingOf } from './suiting';

/** What would do instead: a preset, where the chosen one speaks another language than the model, or settings that take less. */
export type Remedy = { kind: 'preset'; preset: PresetName } | { kind: 'filling' };

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
      remedy: Remedy | null;
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
    /** Null where nothing fits. */
    const remedyOf = (about: AboutModel): Remedy | null => {
      const filling = fillingOf(draft.value, about, report, node);
      if (!filling) return null;
      const less = readConfig({ ...chosen, ...filling });
      return memoryOf(less, about.shape, roomOf(backend, report, node)).refusal ? null : { kind: 'filling' };
    };
    const forecastOf = async (config: Config, about: AboutModel): Promise<Forecast> => {
      const { shape, suits, misfit } = about;
      const [language, measured] = await Promise.all([misfit(config), measuredHere(config, shape, backend)]);
      const memory = memoryOf(config, shape, roomOf(backend, report, node));
      const speed = measured ? speedOf(measured) : speedThere(backend, shape, report, node);
      return {
        kind: 'known',
        memory,
        time: timeOf(config, speed),
        source: speed.source,
        refusal: language ?? memory.refusal,
        remedy:
          language === null ? (memory.refusal ? remedyOf(about) : null) : { kind: 'preset', preset: suits },
      };
    };
    look().then((found) => current && setForecast(found));
    return () => {
      current = false;
    };
  }, [chosen, model, backend, report, node?.engine.device, known]);
  return forecast;
}
