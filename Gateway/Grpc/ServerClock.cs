using System.Reflection;

namespace Tikr.Gateway.Grpc;

/// <summary>Since when this server runs.</summary>
internal sealed class ServerClock(TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();

    public TimeSpan Uptime => time.GetElapsedTime(_started);
}

/// <summary>The version that this build was made from.</summary>
public static class TikrVersion
{
    /// <summary>Version with pre-release label and, where the build knew it, the commit: <c>0.1.0+1a2b3c4</c>.</summary>
    public static string Text { get; } =
        typeof(TikrVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion is { } version
            ? Shortened(version)
            : "unknown";

    private static string Shortened(string version)
    {
        var plus = version.IndexOf('+', StringComparison.Ordinal);
        return plus >= 0 && version.Length - plus > 8 ? version[..(plus + 8)] : version;
    }
}
