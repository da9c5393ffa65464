using System.Buffers;
using Tikr.Core.Ticks;

namespace Tikr.Benchmarks.Micro;

/// <summary>Bytes per tick of realistic blocks.</summary>
internal static class BlockSizes
{
    public const string RatioName = "block bytes / varint row bytes, 100 ticks 1 ms apart";

    /// <summary>Bytes of blocks of one key beside those of varint rows: the same on every machine.</summary>
    public static double BytesBesideRows()
    {
        var model = Market.Model();
        var output = new ArrayBufferWriter<byte>(1 << 20);
        var rows = new byte[256 * 40];
        double bytes = 0, rowBytes = 0;
        for (var seed = 0; seed < 50; seed++)
        {
            var (columns, _) = Market.Ticks(model, [100], 1_000_000, seed);
            bytes += TickBlockWriter.WriteOneKey(output, columns, 0, 100, 0, model, Market.FieldIds);
            rowBytes += VarintRows.Write(columns, 0, 100, rows);
            output.ResetWrittenCount();
        }

        return bytes / rowBytes;
    }

    public static void Print()
    {
        var model = Market.Model();
        var output = new ArrayBufferWriter<byte>(1 << 20);
        var rows = new byte[256 * 40];
        Console.WriteLine("one key    ticks  gap      B/tick  varint rows B/tick");
        foreach (var gap in new[] { 50_000.0, 1_000_000, 5_000_000 })
        {
            foreach (var count in new[] { 1, 10, 16, 100, 256 })
            {
                double bytes = 0, rowBytes = 0;
                for (var seed = 0; seed < 50; seed++)
                {
                    var (columns, _) = Market.Ticks(model, [count], gap, seed);
                    bytes += TickBlockWriter.WriteOneKey(output, columns, 0, count, 0, model, Market.FieldIds);
                    rowBytes += VarintRows.Write(columns, 0, count, rows);
                    output.ResetWrittenCount();
                }

                Console.WriteLine($"{"",10} {count,5}  {gap / 1e6,4} ms  {bytes / 50 / count,6:F2}  {rowBytes / 50 / count,6:F2}");
            }
        }

        Console.WriteLine("shared     keys x ticks      B/tick");
        foreach (var perKey in new[] { 1, 2, 4, 8, 15 })
        {
            var counts = Enumerable.Repeat(perKey, 256 / perKey).ToArray();
            double bytes = 0;
            for (var seed = 0; seed < 50; seed++)
            {
                var (columns, runs) = Market.Ticks(model, counts, 20_000_000.0 / perKey, seed);
                bytes += TickBlockWriter.WriteSharedKeys(output, columns, 0, runs, model, Market.FieldIds);
                output.ResetWrittenCount();
            }

            Console.WriteLine($"{"",10} {counts.Length,4} x {perKey,2}  {bytes / 50 / counts.Length / perKey,14:F2}");
        }
    }
}
