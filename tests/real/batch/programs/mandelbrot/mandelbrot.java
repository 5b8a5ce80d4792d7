import java.io.IOException;
import java.util.stream.IntStream;

public class Mandelbrot {
    static final int N = 96;

    static boolean stays(double cr, double ci) {
        double zr = 0, zi = 0;
        for (int i = 0; i < 50; i++) {
            double real = zr * zr - zi * zi + cr;
            zi = 2 * zr * zi + ci;
            zr = real;
            if (zr * zr + zi * zi > 4) return false;
        }
        return true;
    }

    static byte[] row(int y) {
        byte[] bits = new byte[N / 8];
        for (int x = 0; x < N; x++) {
            if (stays(2.0 * x / N - 1.5, 2.0 * y / N - 1)) bits[x / 8] |= 0x80 >> x % 8;
        }
        return bits;
    }

    public static void main(String[] arguments) throws IOException {
        System.out.printf("P4\n%d %d\n", N, N);
        for (byte[] row : IntStream.range(0, N).parallel().mapToObj(Mandelbrot::row).toList()) System.out.write(row);
    }
}
