/**
 * @file The only code that runs in the document of the sandbox's iframe: it starts the warden there, so that the warden and all
 * its interpreters share the iframe's missing origin and its policy, and says so if the browser will not.
 */

export interface FrameOrder {
  wardenScript: string;
  /** For the warden. */
  work: MessagePort;
  /** For this document: gets one message, if the warden's worker fails. */
  trouble: MessagePort;
}

addEventListener('message', function begin({ source, data }: MessageEvent<FrameOrder>) {
  if (source !== parent) return;
  removeEventListener('message', begin);
  const { wardenScript, work, trouble } = data;
  try {
    const url = URL.createObjectURL(new Blob([wardenScript], { type: 'text/javascript' }));
    const warden = new Worker(url);
    warden.onerror = ({ message }) => trouble.postMessage(message || 'the worker did not start');
    warden.postMessage(work, [work]);
  } catch (error) {
    trouble.postMessage(String(error));
  }
});
