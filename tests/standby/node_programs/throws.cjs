const f = () => { throw new TypeError("bad"); };
f();
