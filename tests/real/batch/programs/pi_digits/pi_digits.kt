import java.math.BigInteger

const val DIGITS = 200
val one: BigInteger = BigInteger.TEN.pow(DIGITS + 10)

fun Int.big() = toBigInteger()

fun arctanOfInverse(x: Int): BigInteger =
    generateSequence(one / x.big()) { it / (x * x).big() }
        .takeWhile { it.signum() > 0 }
        .mapIndexed { n, power -> power / (2 * n + 1).big() * (if (n % 2 == 0) 1 else -1).big() }
        .fold(BigInteger.ZERO, BigInteger::add)

fun main() {
    val pi = 16.big() * arctanOfInverse(5) - 4.big() * arctanOfInverse(239)
    pi.toString().take(DIGITS).chunked(50).forEach(::println)
}
