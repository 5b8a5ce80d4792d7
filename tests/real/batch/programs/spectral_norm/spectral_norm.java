import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

public class SpectralNorm {
    static final int N = 100;

    static double a(int i, int j) {
        return 1.0 / ((i + j) * (i + j + 1) / 2 + i + 1);
    }

    static double sum(IntToDoubleFunction term) {
        return IntStream.range(0, N).mapToDouble(term).sum();
    }

    static double[] vector(IntToDoubleFunction element) {
        return IntStream.range(0, N).mapToDouble(element).toArray();
    }

    static double[] both(double[] v) {
        double[] product = vector(i -> sum(j -> a(i, j) * v[j]));
        return vector(i -> sum(j -> a(j, i) * product[j]));
    }

    static double dot(double[] u, double[] v) {
        return sum(i -> u[i] * v[i]);
    }

    public static void main(String[] arguments) {
        double[] u = vector(i -> 1);
        double[] v = u;
        for (int i = 0; i < 10; i++) {
            v = both(u);
            u = both(v);
        }
        System.out.printf("%.9f%n", Math.sqrt(dot(u, v) / dot(v, v)));
    }
}
