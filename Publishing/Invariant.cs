using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Tikr.Publishing;

/// <summary>Checks of our own state where it changes. They stay on: what they would find loses or repeats records unseen.</summary>
internal static class Invariant
{
    public static void Holds([DoesNotReturnIf(false)] bool condition, [CallerArgumentExpression(nameof(condition))] string text = "")
    {
        if (!condition) throw new InvalidOperationException(Errors.Broken(text));
    }
}
