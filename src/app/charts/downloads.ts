/** @file Charts to take away: as a picture, or as the numbers behind them. */

import { wait } from '../state/waiting';
import { save, slug } from '../ui/save';
import { allColumns, type CsvColumn, columnsOf, csvOf } from './csv';
import { lineOf, type ShownRun } from './frame';
import { font, look } from './look';
import { dashes } from './palette';
import type { Plot } from './plot';

const nameOf = (runs: readonly ShownRun[], what: string, extension: string) =>
  `${slug(runs.map(({ name }) => name).join(' '))}-${slug(what)}.${extension}`;

export const saveAll = (runs: readonly ShownRun[]) => saveCsv(runs, allColumns(runs), 'metrics');

export const saveChart = ({ spec, lines, board: { runs } }: Plot) =>
  saveCsv(runs, columnsOf(lines), spec.title);

async function saveCsv(
  runs: readonly ShownRun[],
  columns: readonly CsvColumn[],
  what: string,
): Promise<void> {
  const file = nameOf(runs, what, 'csv');
  await wait(`Writing ${file}`, async ({ signal, tell }) => {
    const rows = runs.reduce((total, { series }) => total + series.length, 0);
    const pieces: string[] = [];
    for (const piece of csvOf(runs, columns)) {
      pieces.push(piece);
      // The page goes on meanwhile, and people can cancel.
      if (pieces.length % 4 === 0) {
        tell(Math.min(1, (pieces.length * 500) / Math.max(rows, 1)));
        await new Promise((resolve) => setTimeout(resolve));
        signal.throwIfAborted();
      }
    }
    save(file, new Blob(pieces, { type: 'text/csv' }));
  });
}

const width = 960;
const height = 400;
const margin = 20;
const keyHeight = 22;

/** On the card's colour, with the title above and what the lines are below. */
export async function savePicture(plot: Plot): Promise<void> {
  const { runs } = plot.board;
  await wait(`Drawing ${plot.spec.title}`, async () => {
    const canvas = await pictureOf(plot);
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (!blob)
      throw new Error('The picture could not be made: the browser may be short of memory. Try again.');
    save(nameOf(runs, plot.spec.title, 'png'), blob);
  });
}

export async function pictureOf(plot: Plot): Promise<HTMLCanvasElement> {
  const drawn = await plot.picture(width, height);
  const scale = drawn.width / width;
  const { card, text, muted, series } = look();
  const { runs } = plot.board;
  const keys = runs.flatMap((run) =>
    plot.lines
      .filter((line) => !plot.hidden.has(lineOf(run, line)))
      .map((line) => ({
        colour: series[(runs.length > 1 ? run.colour : line.slot) % series.length],
        dash: dashes[line.slot % dashes.length],
        words: `${runs.length > 1 ? `${run.name}, ` : ''}${line.label} ${plot.written(run, line, null)}`,
      })),
  );

  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('The picture could not be made: the browser gives no canvas.');
  const small = `${13 * scale}px ${font}`;
  pen.font = small;
  const room = (width - 2 * margin) * scale;
  let x = 0;
  let row = 0;
  const placed = keys.map((key) => {
    const wide = (34 + 18) * scale + pen.measureText(key.words).width;
    if (x > 0 && x + wide > room) {
      x = 0;
      row++;
    }
    const at = { ...key, x, row };
    x += wide;
    return at;
  });
  const top = 52;
  canvas.width = (width + 2 * margin) * scale;
  canvas.height = (top + height + 16 + (row + 1) * keyHeight + margin) * scale;

  pen.fillStyle = card;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = text;
  pen.textBaseline = 'middle';
  pen.font = `600 ${18 * scale}px ${font}`;
  pen.fillText(plot.spec.title, margin * scale, 28 * scale);
  const titleWidth = pen.measureText(plot.spec.title).width;
  pen.fillStyle = muted;
  pen.font = small;
  const of = [runs.map(({ name }) => name).join(', '), plot.spec.unit === 'share' ? '' : plot.spec.unit];
  pen.fillText(of.filter(Boolean).join(' · '), margin * scale + titleWidth + 14 * scale, 29 * scale);
  pen.drawImage(drawn, margin * scale, top * scale);
  for (const { colour, dash, words, x, row } of placed) {
    const [left, middle] = [margin * scale + x, (top + height + 16 + (row + 0.5) * keyHeight) * scale];
    pen.strokeStyle = colour;
    pen.lineWidth = 2.5 * scale;
    pen.setLineDash(dash.map((length) => length * scale));
    pen.beginPath();
    pen.moveTo(left, middle);
    pen.lineTo(left + 26 * scale, middle);
    pen.stroke();
    pen.fillStyle = text;
    pen.fillText(words, left + 34 * scale, middle);
  }
  return canvas;
}
