namespace Tikr.Gateway.Hosting;

/// <summary>How Kestrel works in a process that is Tikr's alone.</summary>
public sealed class KestrelTuningOptions
{
    /// <summary>HTTP/2 window of a stream, at most; bytes. 64 KB, the protocol's default, halves ingest.</summary>
    public int StreamWindowBytes { get; set; } = 1024 * 1024;

    /// <summary>
    /// HTTP/2 window of a connection, at most; bytes. Smaller where <see cref="GatewayOptions.MaxConnections"/> of them would not fit into
    /// their part of <see cref="GatewayOptions.MemoryBytes"/>.
    /// </summary>
    public int ConnectionWindowBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Calls that one connection may have open at once.</summary>
    public int MaxStreamsPerConnection { get; set; } = 1000;
}
