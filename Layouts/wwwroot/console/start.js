// Starts the page. A page is one WebSocket to one node, without a handshake before it that another node might answer.
(() => {
  const retry = 2000;
  let lost = false;

  // Any node that answers reloads the page; a hidden tab asks none.
  const reload = async () => {
    if (document.visibilityState === 'visible') {
      try {
        if ((await fetch('/console/alive', { cache: 'no-store' })).ok) {
          location.reload();
          return;
        }
      } catch {
        // Nobody answers yet.
      }
    }
    setTimeout(reload, retry);
  };

  const lose = () => {
    if (!lost) {
      lost = true;
      document.getElementById('console-lost').hidden = false;
      setTimeout(reload, retry);
    }
  };

  window.realtimeConsole = {
    watch: page => {
      const tell = () => page.invokeMethodAsync('Seen', document.visibilityState === 'visible').catch(() => {});
      document.addEventListener('visibilitychange', tell);
      return tell();
    },
    show: dialog => dialog?.showModal(),
    hide: dialog => dialog?.close(),
  };

  addEventListener('pagehide', () => { lost = true; });
  Blazor.start({
    circuit: {
      configureSignalR: builder => builder.withUrl('/_blazor', { skipNegotiation: true, transport: 1 }),
      reconnectionHandler: { onConnectionDown: lose, onConnectionUp: () => {} },
    },
  }).catch(lose);
})();
