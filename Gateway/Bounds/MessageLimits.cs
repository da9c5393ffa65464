using Tikr.Core.Memory;
using Tikr.Gateway.Hosting;

namespace Tikr.Gateway.Bounds;

/// <summary>How large a message may be, and how it must make progress until all of it is there.</summary>
internal sealed class MessageLimits(MemoryPart memory, GatewayOptions options, Refusals refusals, TimeProvider time)
{
    /// <summary>A message up to this length needs no memory beside that of its call.</summary>
    public const int FreeBytes = 16 * 1024;

    /// <summary>What an unfinished message must bring within <see cref="Patience"/>.</summary>
    public const int LeastBytes = 64 * 1024;

    /// <summary>How often progress is looked at; who brings nothing for as long makes way for those that wait for memory.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>How long a message may go without progress, or wait for memory.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Memory of messages of which a part has come.</summary>
    public MemoryPart Memory { get; } = memory;

    /// <summary>Largest message.</summary>
    public long MaxBytes { get; } = Math.Min(options.MaxMessageBytes, memory.LimitBytes);

    /// <summary>Who is told of messages that are turned away.</summary>
    public Refusals Refusals { get; } = refusals;

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; } = time;
}
