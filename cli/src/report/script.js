(() => {
  const form = document.getElementById('filter');
  if (!form) return;
  form.hidden = false;
  const [words, verdict, count] = ['input', 'select', 'output'].map(tag => form.querySelector(tag));
  const items = [...document.querySelectorAll('.msg,.gap')];
  const threads = [...document.querySelectorAll('.thread')];
  const texts = new Map();
  const textOf = item => {
    if (!texts.has(item)) texts.set(item, item.textContent.toLowerCase());
    return texts.get(item);
  };
  const apply = () => {
    const wanted = words.value.trim().toLowerCase();
    const word = verdict.value;
    let shown = 0;
    for (const item of items) {
      const fits = (!word || item.dataset.verdict === word) && (!wanted || textOf(item).includes(wanted));
      item.hidden = !fits;
      if (fits) shown += 1;
    }
    const all = !wanted && !word;
    for (const day of document.querySelectorAll('.day')) day.hidden = !all;
    for (const thread of threads) thread.hidden = !all && !thread.querySelector('.msg:not([hidden]),.gap:not([hidden])');
    count.textContent = all ? '' : `${shown} of ${items.length}`;
  };
  let waiting;
  form.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(apply, 150); });
  form.addEventListener('submit', event => event.preventDefault());
})();
