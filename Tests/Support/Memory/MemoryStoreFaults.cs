using Tikr.Core.Rollup;
using Tikr.Storage;

namespace Tikr.Tests.Support.Memory;

/// <summary>How an operation of a <see cref="MemoryStore"/> goes wrong.</summary>
public enum Fault
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>It fails and has done nothing.</summary>
    NotDone,

    /// <summary>It is done, and its answer is lost.</summary>
    AnswerLost,

    /// <summary>Of a commit: it fails, and is done before the next one of its epoch; see <see cref="MemoryStore.ShowDelayed"/>.</summary>
    Delayed,

    /// <summary>The process is gone before it is done.</summary>
    CrashBefore,

    /// <summary>It is done, and the process is gone before it hears of it.</summary>
    CrashAfter,
}

/// <summary>What a <see cref="MemoryStore"/> writes.</summary>
public enum StoreWrite
{
    /// <summary>A new epoch.</summary>
    Epoch,

    /// <summary>The series as they are configured now.</summary>
    Catalog,

    /// <summary>How far the bars of a changed series have been made again.</summary>
    Rebuild,

    /// <summary>Numbers of keys.</summary>
    Keys,

    /// <summary>A flush.</summary>
    Commit,

    /// <summary>Bars and their outbox entries.</summary>
    Bars,

    /// <summary>That manifests are not needed any more.</summary>
    Retirement,

    /// <summary>From where on ticks are complete.</summary>
    Horizon,

    /// <summary>That ticks are deleted.</summary>
    Deletion,
}

/// <summary>Where a test reaches into a <see cref="MemoryStore"/>.</summary>
public sealed class MemoryStoreFaults
{
    /// <summary>Asked before each write of any kind.</summary>
    public Func<StoreWrite, Fault>? OnAnyWrite { get; set; }

    /// <summary>Asked before each commit.</summary>
    public Func<FlushCommit, Fault>? OnCommit { get; set; }

    /// <summary>Called when a flush has become durable, whatever its answer.</summary>
    public Action<FlushCommit>? OnCommitted { get; set; }

    /// <summary>Asked before each write of bars.</summary>
    public Func<IReadOnlyList<BarWrite>, Fault>? OnWrite { get; set; }

    /// <summary>Asked before each deletion of outbox entries.</summary>
    public Func<IReadOnlyList<ulong>, Fault>? OnDelete { get; set; }

    /// <summary>Called when keys are listed; may throw.</summary>
    public Action? OnListKeys { get; set; }

    /// <summary>Called when a scan begins, before its first batch; may commit, and may throw.</summary>
    public Action<TickRead>? OnRead { get; set; }

    /// <summary>Called when a bar was stored: what was there before, and what is there now.</summary>
    public Action<BarWrite, Bar?, Bar>? OnStored { get; set; }

    /// <summary>Called for each manifest when it is retired.</summary>
    public Action<Manifest>? OnRetired { get; set; }
}
