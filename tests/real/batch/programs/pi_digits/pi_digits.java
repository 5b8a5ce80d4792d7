import java.math.BigInteger;

public class PiDigits {
    static final int DIGITS = 200;
    static final BigInteger ONE = BigInteger.TEN.pow(DIGITS + 10);

    static BigInteger arctanOfInverse(long x) {
        BigInteger total = BigInteger.ZERO, power = ONE.divide(BigInteger.valueOf(x));
        for (int n = 0; power.signum() > 0; n++) {
            BigInteger term = power.divide(BigInteger.valueOf(2 * n + 1));
            total = n % 2 == 0 ? total.add(term) : total.subtract(term);
            power = power.divide(BigInteger.valueOf(x * x));
        }
        return total;
    }

    public static void main(String[] arguments) {
        String pi = arctanOfInverse(5).shiftLeft(4).subtract(arctanOfInverse(239).shiftLeft(2)).toString();
        for (int i = 0; i < DIGITS; i += 50) System.out.println(pi.substring(i, i + 50));
    }
}
