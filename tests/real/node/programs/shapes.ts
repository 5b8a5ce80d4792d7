type Shape = { kind: "circle"; radius: number } | { kind: "rectangle"; width: number; height: number };

function area(shape: Shape): number {
    switch (shape.kind) {
        case "circle":
            return Math.PI * shape.radius ** 2;
        case "rectangle":
            return shape.width * shape.height;
    }
}

class Drawing<S extends Shape = Shape> {
    private readonly shapes: S[] = [];
    add(shape: S): this {
        this.shapes.push(shape);
        return this;
    }
    get total(): string {
        return this.shapes.map(area).reduce((a, b) => a + b, 0).toFixed(3);
    }
}

console.log(new Drawing().add({ kind: "circle", radius: 1.5 }).add({ kind: "rectangle", width: 2, height: 4.25 }).total);
