module Main where

import Text.Printf (printf)

size :: Int
size = 100

a :: Int -> Int -> Double
a i j = 1 / fromIntegral ((i + j) * (i + j + 1) `div` 2 + i + 1)

times :: (Int -> Int -> Double) -> [Double] -> [Double]
times entry v = [sum (zipWith (*) (map (entry i) [0 ..]) v) | i <- [0 .. size - 1]]

both :: [Double] -> [Double]
both = times (flip a) . times a

dot :: [Double] -> [Double] -> Double
dot u v = sum (zipWith (*) u v)

main :: IO ()
main = printf "%.9f\n" (sqrt (dot u v / dot v v))
  where
    (v : u : _) = drop 19 (iterate both (replicate size 1))
