namespace Tikr.Storage;

/// <summary>How the output of bars is doing, as far as others have to know. Absent where nothing is published.</summary>
public interface IOutputState
{
    /// <summary>
    /// Why the output does less than it should, for people; null while all is well. Ingest and queries work all the same.
    /// </summary>
    string? DegradedReason { get; }

    /// <summary>
    /// Completes when ticks of a series may be taken in: it waits while too many bars wait to be published that must not be dropped.
    /// </summary>
    Task RoomAsync(ushort seriesId);
}
