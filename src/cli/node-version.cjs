// Loaded before a command, by `node --require`, and written for any Node: one that is too old cannot
// even read what follows, and would say so in a way that helps nobody.
const needed = 24;
if (Number(process.versions.node.split('.')[0]) < needed) {
  process.stderr.write(
    `Node ${needed} or newer is needed, and this is ${process.version}. ` +
      'On Linux x64, npm ci brings it along; elsewhere, put it first in the path.\n',
  );
  process.exit(1);
}
