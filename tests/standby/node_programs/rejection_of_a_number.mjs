Promise.reject(7);
