#pragma once

#include <cstdint>
#include <string_view>

// Tokens with the claims of LibreChat, made once by PyJWT 2.15.1, and the keys that they were signed with.
namespace test {

inline constexpr std::int64_t signed_at = 1'778'250'000;

inline constexpr std::string_view foreign_ed25519_key =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAtw784dVhF9NlsOONJpNbwq2Ib2Z5Me8AguZZicyyDBs=\n"
    "-----END PUBLIC KEY-----\n";
inline constexpr std::string_view foreign_rsa_key =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA9GXfwq7GNF3TVSvt8rd3\n"
    "pUCLZm8Zqj0ZnSf2Tn3xj87Y4/0QsSHi+9FE6RnlhL0sh5NqvugShxFZ5ICzBUg+\n"
    "u7ted7q4PpVl4u1ScuLeK4mBALTrQ/7eKLFmmlAkkkO+538MECI5VxuHsbVDP+Jg\n"
    "uvEWmrRyGG/cuT9N/tzB+XZED4c1sYontb5nH4zDnO0MsmOBUKBwFy0A5GzbPJCF\n"
    "FVJN6niYobLKzHW17/PUVXX5iCRHhm2oVL4RLF+BTbJVDNjGGjiWpIdXe0/6Y8It\n"
    "UQcdfcHMB2UzAdjpAtywRU8IdNENcC7y1xIqpeskK2fDnNECXVyo5ChjXhQr0enK\n"
    "JwIDAQAB\n"
    "-----END PUBLIC KEY-----\n";
inline constexpr std::string_view foreign_secret = "a secret that has at least 32 bytes";
inline constexpr std::string_view foreign_ed25519_token =
    "eyJhbGciOiJFZERTQSIsImtpZCI6ImxjLWNvZGVhcGktMjAyNi0wNSIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJsaWJyZWNoYXQiLCJhdWQiOiJ"
    "jb2RlYXBpIiwic3ViIjoidXNlcl8xMjMiLCJpYXQiOjE3NzgyNTAwMDAsIm5iZiI6MTc3ODI1MDAwMCwiZXhwIjoxNzc4MjUwMzAwLCJqdGk"
    "iOiIwMTIzIiwidGVuYW50X2lkIjoidGVuYW50X2FiYyIsInJvbGUiOiJVU0VSIiwicHJpbmNpcGFsX3NvdXJjZSI6ImxpYnJlY2hhdF9qd3Q"
    "iLCJhdXRoX2NvbnRleHRfaGFzaCI6IjAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA"
    "wMDAwMDAifQ.ESlxV8UCm9bix3BJP5a7F9boyGVG-WIzSTf3rhxNb_UHJlhNMRQ-3QI4p-heED8DFLKik-JSxIZUxvEOJH2tDQ";
inline constexpr std::string_view foreign_rsa_token =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6ImxjLWNvZGVhcGktMjAyNi0wNSIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJsaWJyZWNoYXQiLCJhdWQiOiJ"
    "jb2RlYXBpIiwic3ViIjoidXNlcl8xMjMiLCJpYXQiOjE3NzgyNTAwMDAsIm5iZiI6MTc3ODI1MDAwMCwiZXhwIjoxNzc4MjUwMzAwLCJqdGk"
    "iOiIwMTIzIiwidGVuYW50X2lkIjoidGVuYW50X2FiYyIsInJvbGUiOiJVU0VSIiwicHJpbmNpcGFsX3NvdXJjZSI6ImxpYnJlY2hhdF9qd3Q"
    "iLCJhdXRoX2NvbnRleHRfaGFzaCI6IjAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA"
    "wMDAwMDAifQ.qNV1PuFkdIOOau5xnBZOuVB2nhS0WKxmnpxt2HNCV7vFFsVlRtgz_74sEVyjeDVH17szKZVsLXb86F7VRAfGLa8ORXjb4yGF"
    "tzviYZyN8OKFAiHNZ0vMt061pCBq-ZwzTst5ihfKoFj0gMd6FrAF5Lc73V0pJNMV3IHawtEUpxoIOUbsw_TQ04Jdqv24Tq28zC1qEdCL5bEr"
    "NnmVEjbit29oNYAPs_5dO3D4wj5x_9PMIWcwNOjMnDbG5Wb8iQ719Z-z-VhnsdK0SBwZ5b3s6rFqMm91ikKEbwNSIPaXdBpgBdjl_E0eMlrw"
    "rqsMjzQbABI1IFpd2f0h0IB7ATa2lg";
inline constexpr std::string_view foreign_secret_token =
    "eyJhbGciOiJIUzI1NiIsImtpZCI6ImxjLWNvZGVhcGktMjAyNi0wNSIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJsaWJyZWNoYXQiLCJhdWQiOiJ"
    "jb2RlYXBpIiwic3ViIjoidXNlcl8xMjMiLCJpYXQiOjE3NzgyNTAwMDAsIm5iZiI6MTc3ODI1MDAwMCwiZXhwIjoxNzc4MjUwMzAwLCJqdGk"
    "iOiIwMTIzIiwidGVuYW50X2lkIjoidGVuYW50X2FiYyIsInJvbGUiOiJVU0VSIiwicHJpbmNpcGFsX3NvdXJjZSI6ImxpYnJlY2hhdF9qd3Q"
    "iLCJhdXRoX2NvbnRleHRfaGFzaCI6IjAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA"
    "wMDAwMDAifQ.6TOB9kCosgkU-vP5qeJKsuLyhesVc6QSLNqf_UIq7Fk";

}  // namespace test
