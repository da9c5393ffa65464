using System.Globalization;

namespace Tikr.Storage;

/// <summary>The process' limit on open files and connections, and how to tell that it was met.</summary>
public static class OpenFiles
{
    /// <summary>With less the runtime cannot even load the server's assemblies, open the store and listen.</summary>
    public const long Least = 512;

    private const int MostTables = 1000, LeastTables = 32;

    /// <summary>Most files that the process may have open; null where the system does not say.</summary>
    public static long? Limit { get; } = ReadLimit();

    /// <summary>What to do about too few.</summary>
    public static string Remedy =>
        "Raise the limit to 4096 or more (ulimit -n; LimitNOFILE= of a systemd unit; --ulimit nofile= of docker run) and start again.";

    /// <summary>Why a process with this limit should not start; null if it may.</summary>
    public static string? ProblemOf(long? limit) => limit < Least
        ? $"this process may have {limit} files and connections open: it must be {Least} at least. {Remedy}" : null;

    /// <summary>Table files that a store keeps open: a third of the limit at most, for connections and the rest need them too.</summary>
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
