setTimeout(() => { throw new Error("late"); });
