using Tikr.Tests.Support.Memory;

namespace Tikr.Tests.Properties.Model;

/// <summary>One write of the store, whichever it is, that goes wrong.</summary>
internal sealed class StoreTrouble
{
    private static readonly Fault[] Kinds = [Fault.NotDone, Fault.AnswerLost, Fault.CrashBefore, Fault.CrashAfter];
    private int? _left;
    private Fault _kind;

    /// <summary>One of the next writes fails.</summary>
    public void Begin(Step step) => (_left, _kind) = (step.A % 6, Kinds[step.B % Kinds.Length]);

    /// <summary>None fails any more.</summary>
    public void End() => _left = null;

    /// <summary>What happens to this write.</summary>
    public Fault Ask()
    {
        if (_left is not { } left) return Fault.None;
        _left = left == 0 ? null : left - 1;
        return left == 0 ? _kind : Fault.None;
    }
}
