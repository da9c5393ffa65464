using CsCheck;
using Tikr.Gateway.Ingest.Lanes;

namespace Tikr.Tests.Gateway.Ingest;

public sealed class UncoveredFlushesTests
{
    [Fact]
    public void The_least_is_that_of_all_pairs_whatever_comes_and_goes() => Gen.Int[0, 99].Array[1, 600].Sample(steps =>
    {
        var flushes = new UncoveredFlushes();
        var needed = new List<ulong>();
        var flush = 0UL;
        foreach (var step in steps)
        {
            if (step < 60 || needed.Count == 0)
            {
                flush += (ulong)(step % 7) + 1;
                flushes.Add(flush);
                needed.Add(flush);
            }
            else
            {
                var gone = needed[step % needed.Count];
                flushes.Remove(gone);
                needed.Remove(gone);
                if (step % 3 != 0) continue;

                // Covered in part, or wholly before it was delivered: the pair now needs a later one, which may not be there yet.
                flushes.Add(gone + 1);
                needed.Add(gone + 1);
            }

            Assert.Equal(needed.Count == 0 ? flush + 1 : Math.Min(needed.Min(), flush + 1), flushes.Least(flush + 1));
        }
    });
}
