namespace Tikr.Storage;

/// <summary>A store that may be out of reach while the process runs.</summary>
public interface IStoreHealth
{
    /// <summary>Why nothing can be stored now, for people; null while writes succeed.</summary>
    string? Trouble { get; }
}
