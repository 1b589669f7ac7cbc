// Shows a chart's values where the pointer is. The chart brings them as texts; this knows nothing else, and the table says the same without a pointer.
let tip;

addEventListener('pointermove', event => {
  const plot = event.target instanceof Element ? event.target.closest('.chart .plot') : null;
  const steps = plot?.closest('.chart').dataset.chart;
  if (!steps || event.target.closest('.dot')) {
    tip?.remove();
    return;
  }

  const box = plot.getBoundingClientRect();
  const all = steps.split('\n');
  const at = Math.min(all.length - 1, Math.max(0, Math.round((event.clientX - box.left) / box.width * (all.length - 1))));
  tip ??= Object.assign(document.createElement('div'), { className: 'chart-tip' });
  tip.replaceChildren(...all[at].split('|').map(text => Object.assign(document.createElement('span'), { textContent: text })));
  if (tip.parentNode !== document.body) {
    document.body.append(tip);
  }

  const left = event.clientX + 16 + tip.offsetWidth > innerWidth ? event.clientX - 16 - tip.offsetWidth : event.clientX + 16;
  tip.style.transform = `translate(${Math.max(0, left)}px, ${Math.min(event.clientY, innerHeight - tip.offsetHeight)}px)`;
}, { passive: true });
