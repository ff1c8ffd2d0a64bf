/** @file The report for bug reports, to be read before it is copied: nobody should send what they have not seen. */

import { useRef } from 'preact/hooks';
import { toast } from '../state/toasts';

export function ReportCard({ text }: { text: string }) {
  const whole = useRef<HTMLPreElement>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      toast('The report is copied.');
    } catch {
      // Not every page may write to the clipboard; then the report is marked, for the keys that copy.
      if (whole.current) getSelection()?.selectAllChildren(whole.current);
      toast('The browser does not let this page copy: the report is selected, press Ctrl+C or ⌘C.', {
        kind: 'failed',
      });
    }
  };
  return (
    <section class="card" aria-labelledby="report-title">
      <div class="card-head">
        <h2 id="report-title">For bug reports</h2>
        <button type="button" class="button" onClick={copy}>
          Copy report
        </button>
      </div>
      <p class="lead">
        What decides how Zeroloop behaves on this device. Nothing about you or your runs is in it.
      </p>
      <pre class="device-report" ref={whole}>
        {text}
      </pre>
    </section>
  );
}
