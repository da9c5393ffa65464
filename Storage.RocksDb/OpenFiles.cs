using System.Globalization;

namespace Tikr.Storage.RocksDb;

/// <summary>The process' limit on open files, and how to tell that it was met.</summary>
internal static class OpenFiles
{
    private const int MostTables = 1000, LeastTables = 32;

    /// <summary>Most files that the process may have open; null where the system does not say.</summary>
    public static long? Limit { get; } = ReadLimit();

    /// <summary>Table files that the store keeps open: a third of the limit at most, for connections and the rest need them too.</summary>
    public static int Tables(long? limit) => (int)Math.Clamp((limit ?? long.MaxValue) / 3, LeastTables, MostTables);

    /// <summary>Whether an error is that of a process which may open no more files.</summary>
    public static bool AreUsedUp(Exception e) => e.Message.Contains("Too many open files", StringComparison.Ordinal);

    private static long? ReadLimit()
    {
        const string path = "/proc/self/limits", name = "Max open files";
        if (!File.Exists(path)) return null;
        var line = File.ReadLines(path).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal));
        var soft = line?[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
    }
}
