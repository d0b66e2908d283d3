// Tells each signal and the loss of its launcher on the standard output, then ends 300 ms after the first signal with exit code 7.
const running = setInterval(() => undefined, 1000);
for (const signal of ['SIGINT', 'SIGTERM']) {
  let seen = 0;
  process.on(signal, () => {
    seen += 1;
    console.log(`${signal} ${seen}`);
    if (seen === 1) setTimeout(() => process.exit(7), 300);
  });
}
process.on('disconnect', () => {
  console.log('launcher gone');
  clearInterval(running);
  process.exit(8);
});
console.log(`ready ${process.version} ${process.argv.slice(2).join(' ')}`);
