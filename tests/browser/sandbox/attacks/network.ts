/**
 * @file Ways out to the network. Every one of them would reach the canary from a worker without protection, or is something that
 * browsers grew elsewhere and may one day grow in workers.
 */
import { banned, blocked, body, family, program, script } from './attack';

export const network = family('network', [
  body('fetch', banned, `import js\njs.fetch('{{canary}}')`),
  body('fetch from the page itself', banned, `import js\njs.fetch('{{own}}')`),
  script('fetch without CORS', banned, `fetch('{{canary}}', { method: 'POST', mode: 'no-cors', body: 'x' })`),
  script('fetch that outlives the worker', banned, `fetch('{{canary}}', { keepalive: true })`),
  body(
    'synchronous XHR',
    banned,
    `import js\nr = js.XMLHttpRequest.new()\nr.open('GET', '{{canary}}', False)\nr.send()`,
  ),
  script('XHR', banned, `const r = new XMLHttpRequest(); r.open('POST', '{{canary}}'); r.send('x')`),
  script('WebSocket', banned, `new WebSocket('{{canary}}'.replace('http', 'ws'))`),
  script('WebSocket to the page', banned, `new WebSocket('{{own}}'.replace('http', 'ws'))`),
  script('EventSource', banned, `new EventSource('{{canary}}')`),
  script('WebTransport', banned, `new WebTransport('{{canary}}'.replace('http', 'https'))`),
  script('import()', banned, `import('{{canary}}')`),
  script('importScripts', banned, `importScripts('{{canary}}')`),
  script('a font', banned, `new FontFace('x', 'url({{canary}})').load()`),
  script('an image', banned, `new Image().src = '{{canary}}'`),
  script('sendBeacon', banned, `navigator.sendBeacon('{{canary}}', 'x')`),
  script(
    'WebRTC',
    banned,
    `const c = new RTCPeerConnection({ iceServers: [{ urls: 'stun:' + '{{canary}}'.split('/')[2] }] });
     c.createDataChannel('x'); c.createOffer().then((o) => c.setLocalDescription(o))`,
  ),
  script('a service worker', banned, `navigator.serviceWorker.register('{{own}}')`),
  script('a shared worker', banned, `new SharedWorker('{{own}}')`),
  script('a nested worker', banned, `new Worker('{{own}}')`),
  script(
    'a nested worker from text',
    banned,
    `new Worker(URL.createObjectURL(new Blob(["fetch('{{canary}}')"])))`,
  ),
  script(
    'a nested worker whose text is its address',
    banned,
    `new Worker('data:text/javascript,' + encodeURIComponent("fetch('{{canary}}')"))`,
  ),
  script('a cache that fills itself', banned, `caches.open('hostile').then((c) => c.add('{{canary}}'))`),
  script('streamed WebAssembly', banned, `WebAssembly.instantiateStreaming(fetch('{{canary}}'), {})`),
  script('code from a string', banned, `new Function("fetch('{{canary}}')")()`),
  script('code from a timer', banned, `setTimeout("fetch('{{canary}}')", 0)`),
  script('a navigation', banned, `self.location.href = '{{own}}'`),
  body(
    'a constructor found through an object',
    banned,
    `import js\njs.Object.constructor("fetch('{{canary}}')")()`,
  ),
  body('run_js', banned, `from pyodide.code import run_js\nrun_js("fetch('{{canary}}')")`),
  body(
    'emscripten_run_script',
    banned,
    `import ctypes\nctypes.CDLL(None).emscripten_run_script(b"fetch('{{canary}}')")`,
  ),
  body(
    'loadPackage',
    banned,
    `import pyodide_js\npyodide_js.loadPackage('{{canary}}/x-1.0-py3-none-any.whl')`,
  ),
  body('micropip', banned, `import micropip\nmicropip.install('{{canary}}/x-1.0-py3-none-any.whl')`),
  body('open_url', banned, `from pyodide.http import open_url\nopen_url('{{canary}}')`),
  body(
    'pyfetch',
    banned,
    `import asyncio\nfrom pyodide.http import pyfetch\nasyncio.ensure_future(pyfetch('{{canary}}'))`,
  ),
  body(
    'a lazy file',
    banned,
    `import pyodide_js\npyodide_js.FS.createLazyFile('/tmp', 'lazy', '{{canary}}', True, False)\nopen('/tmp/lazy').read()`,
  ),
  body('urllib', banned, `import urllib.request\nurllib.request.urlopen('{{canary}}', timeout=1)`),
  body(
    'http.client',
    banned,
    `import http.client\nhttp.client.HTTPConnection('{{canary}}'.split('/')[2], timeout=1).request('GET', '/')`,
  ),
  body(
    'a socket',
    banned,
    `import socket\nhost, port = '{{canary}}'.split('/')[2].split(':')\nsocket.create_connection((host, int(port)), timeout=1)`,
  ),
  body(
    'an asyncio connection',
    banned,
    `import asyncio\nasyncio.run(asyncio.open_connection('127.0.0.1', int('{{canary}}'.split('/')[2].split(':')[1])))`,
  ),
  body('requests', banned, `import requests\nrequests.get('{{canary}}')`),
  body('xmlrpc', banned, `import xmlrpc.client\nxmlrpc.client.ServerProxy('{{canary}}').x()`),
  body('js by name', blocked, `__import__('js').fetch('{{canary}}')`),
  body('js by importlib', banned, `import importlib\nimportlib.import_module('js').fetch('{{canary}}')`),
  body('js by sys.modules', banned, `import sys\nsys.modules['js'].fetch('{{canary}}')`),
  body('js by _pyodide_core', banned, `import _pyodide_core\n_pyodide_core.js.fetch('{{canary}}')`),
  program('at import time', banned, `from js import fetch\nfetch('{{canary}}')\nf = lambda x: x`),
  program('in a default argument', banned, `import js\ndef f(x, y=js.fetch('{{canary}}')):\n    return x`),
  program(
    'in an annotation',
    banned,
    `import js\ndef f(x: js.fetch('{{canary}}')):\n    f.__annotations__\n    return x`,
  ),
]);
