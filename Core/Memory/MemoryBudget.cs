namespace Tikr.Core.Memory;

/// <summary>
/// What the server may hold in memory on behalf of its clients (<c>server.memory</c>), and how that is divided. Every part is a bound:
/// what does not fit waits, or is rejected with a status that names the part.
/// </summary>
public sealed class MemoryBudget
{
    /// <summary>Heap of a key in use: its raw form, cells, activation and buckets. Measured; see docs/operations.md.</summary>
    public const int KeyBytes = 6 * 1024;

    /// <summary>What an open call costs before it has sent anything worth a message: objects of the server, one receive block.</summary>
    public const int CallBytes = 48 * 1024;

    private const int LeastWindowBytes = 64 * 1024;

    private const int LeastScanBytes = 1 << 20, MostScanBytes = 4 << 20, LeastScans = 16, MostScans = 128;

    /// <summary>Divides an amount of memory.</summary>
    /// <param name="totalBytes">All of it.</param>
    public MemoryBudget(long totalBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(totalBytes);
        TotalBytes = totalBytes;
        var eighth = totalBytes / 8;
        Undecoded = new MemoryPart("undecoded", eighth);
        WindowBytes = eighth;
        UncommittedBytes = eighth;
        Calls = new MemoryPart("calls", eighth);
        ScanBytes = (int)Math.Clamp(eighth / LeastScans, LeastScanBytes, MostScanBytes);
        Scans = new MemoryPart("scans", Math.Clamp(eighth / ScanBytes, LeastScans, MostScans) * ScanBytes);
        Keys = new MemoryPart("keys", totalBytes - (5 * eighth));
    }

    /// <summary>All of it.</summary>
    public long TotalBytes { get; }

    /// <summary>Messages of which a part has been received: an eighth.</summary>
    public MemoryPart Undecoded { get; }

    /// <summary>What connections may send before anybody reads it (HTTP/2 windows): an eighth.</summary>
    public long WindowBytes { get; }

    /// <summary>Decoded ticks that are not committed, and messages kept for reuse: an eighth.</summary>
    public long UncommittedBytes { get; }

    /// <summary>Open calls: an eighth.</summary>
    public MemoryPart Calls { get; }

    /// <summary>Queries that read the store: an eighth.</summary>
    public MemoryPart Scans { get; }

    /// <summary>What one query may hold of the rows that it reads.</summary>
    public int ScanBytes { get; }

    /// <summary>Keys in use: three eighths.</summary>
    public MemoryPart Keys { get; }

    /// <summary>
    /// What one of so many connections may send before anybody reads it; the same again is its own for unfinished messages. At least the
    /// 64 KB that HTTP/2 begins with.
    /// </summary>
    public long WindowOf(int connections) => Math.Max(LeastWindowBytes, WindowBytes / connections);

    /// <summary>The parts that are taken and given back.</summary>
    public IReadOnlyList<MemoryPart> Parts => [Undecoded, Calls, Scans, Keys];

    /// <summary>
    /// What the process may use of this machine: the limit of its container or of its heap (<c>DOTNET_GCHeapHardLimit</c>) where there is
    /// one, else all memory.
    /// </summary>
    public static long AvailableBytes => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
}
