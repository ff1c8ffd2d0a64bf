/**
 * @file A loss curve as SVG: one line, a readable scale, and the value under the pointer. A few hundred points are no
 * work for the browser, and an SVG scales, prints and follows the colour scheme by itself.
 */

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { niceTicks } from '../ticks';

export interface Point {
  step: number;
  loss: number;
}

interface Props {
  points: readonly Point[];
  /** The last step there will be: the width of the chart. */
  steps: number;
}

const height = 240;
const left = 44;
const right = 12;
const top = 12;
const bottom = 26;

export function LossChart({ points, steps }: Props) {
  const svg = useRef<SVGSVGElement>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  // Drawn at the size it has, so that text and lines keep theirs on every screen.
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    if (!svg.current) return;
    const observer = new ResizeObserver(([entry]) => setWidth(Math.max(entry.contentRect.width, 200)));
    observer.observe(svg.current);
    return () => observer.disconnect();
  }, []);

  const losses = points.map((point) => point.loss).filter(Number.isFinite);
  const ticks = niceTicks(Math.min(...losses, 0), Math.max(...losses, 1), 4);
  const [low, high] = [ticks[0], ticks[ticks.length - 1]];
  const x = (step: number) => left + ((step - 1) / Math.max(steps - 1, 1)) * (width - left - right);
  const y = (loss: number) => top + ((high - loss) / (high - low)) * (height - top - bottom);
  const stepTicks = niceTicks(0, steps, 5).filter((step) => step <= steps);

  const line = points
    .filter((point) => Number.isFinite(point.loss))
    .map((point, i) => `${i === 0 ? 'M' : 'L'}${x(point.step).toFixed(1)} ${y(point.loss).toFixed(1)}`)
    .join('');
  const last = points.at(-1);
  const shown = hovered === null ? null : points[hovered];

  const follow = (event: PointerEvent) => {
    const box = svg.current?.getBoundingClientRect();
    if (!box || points.length === 0) return;
    const at = ((event.clientX - box.left) / box.width) * width;
    const step = 1 + ((at - left) / (width - left - right)) * Math.max(steps - 1, 1);
    setHovered(Math.max(0, Math.min(points.length - 1, Math.round(step) - 1)));
  };

  return (
    <figure class="chart">
      <svg
        ref={svg}
        width="100%"
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="img"
        aria-label={
          last
            ? `Loss ${last.loss.toFixed(3)} after step ${last.step} of ${steps}`
            : 'No loss has been recorded yet'
        }
        onPointerMove={follow}
        onPointerLeave={() => setHovered(null)}
      >
        <g class="chart-grid">
          {ticks.map((tick) => (
            <g key={tick}>
              <line x1={left} x2={width - right} y1={y(tick)} y2={y(tick)} />
              <text x={left - 8} y={y(tick)} text-anchor="end" dominant-baseline="central">
                {points.length > 0 && tick}
              </text>
            </g>
          ))}
          {stepTicks.map((step) => (
            <text
              key={step}
              x={x(Math.max(step, 1))}
              y={height - 8}
              text-anchor={step === steps ? 'end' : 'middle'}
            >
              {step}
            </text>
          ))}
        </g>
        {points.length === 0 && (
          <text class="chart-empty" x={(width + left) / 2} y={height / 2} text-anchor="middle">
            The loss is drawn here, step by step
          </text>
        )}
        {last && (
          <path class="chart-area" d={`${line}L${x(last.step)} ${y(low)}L${x(points[0].step)} ${y(low)}Z`} />
        )}
        <path class="chart-line" d={line} />
        {last && !shown && <circle class="chart-dot" cx={x(last.step)} cy={y(last.loss)} r="4" />}
        {shown && (
          <g class="chart-hover">
            <line x1={x(shown.step)} x2={x(shown.step)} y1={top} y2={height - bottom} />
            <circle class="chart-dot" cx={x(shown.step)} cy={y(shown.loss)} r="4" />
            <text
              x={x(shown.step) + (shown.step > steps / 2 ? -10 : 10)}
              y={top + 10}
              text-anchor={shown.step > steps / 2 ? 'end' : 'start'}
            >
              step {shown.step}: {shown.loss.toFixed(3)}
            </text>
          </g>
        )}
      </svg>
    </figure>
  );
}
