// Shows a chart's values where the pointer is. The chart brings them as texts; this knows nothing else, and the legend says the newest without a pointer.
(() => {
  const tip = Object.assign(document.createElement('div'), { className: 'chart-tip' });
  const text = (tag, content) => Object.assign(document.createElement(tag), { textContent: content });

  // What it points at has moved away.
  for (const moved of ['scroll', 'resize']) {
    addEventListener(moved, () => tip.remove(), { passive: true });
  }

  addEventListener('pointermove', event => {
    const plot = event.target instanceof Element ? event.target.closest('.chart .plot') : null;
    const chart = plot?.closest('.chart');
    if (!chart?.dataset.steps) {
      tip.remove();
      return;
    }

    const box = plot.getBoundingClientRect();
    const at = (event.clientX - box.left) / box.width * 100;
    const steps = chart.dataset.steps.split('\n').map(step => step.split('|'));
    const [, time, ...values] = steps.reduce((best, step) => Math.abs(parseFloat(step[0]) - at) < Math.abs(parseFloat(best[0]) - at) ? step : best);
    const names = chart.dataset.names.split('\n');
    tip.replaceChildren(text('span', time), ...values.map((value, i) => {
      const row = text('span', `${names[i]}: `);
      row.append(text('b', value));
      return row;
    }));
    if (tip.parentNode !== document.body) {
      document.body.append(tip);
    }

    const left = event.clientX + 16 + tip.offsetWidth > innerWidth ? event.clientX - 16 - tip.offsetWidth : event.clientX + 16;
    tip.style.transform = `translate(${Math.max(0, left)}px, ${Math.max(0, Math.min(event.clientY, innerHeight - tip.offsetHeight))}px)`;
  }, { passive: true });
})();
