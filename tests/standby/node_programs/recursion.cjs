let depth = 0;
const f = () => { depth++; f(); };
try { f(); } catch (error) { console.log(error instanceof RangeError, depth > 5000, error.message); }
f();
