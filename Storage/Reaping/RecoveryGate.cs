namespace Tikr.Storage.Reaping;

/// <summary>
/// Keeps expired data until recovery has had them once: after a start nothing is deleted by its age before the bars that the last stop left
/// open have been made of it. Opened once, by recovery. A process without recovery registers none.
/// </summary>
public sealed class RecoveryGate
{
    private volatile bool _isOpen;

    /// <summary>Whether recovery's first round has ended.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>The first round has ended.</summary>
    public void Open() => _isOpen = true;
}
