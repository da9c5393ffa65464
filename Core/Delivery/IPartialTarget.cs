namespace Tikr.Core.Delivery;

/// <summary>Takes the partials of one key in this process, without a grain call. The router remembers it beside the key.</summary>
public interface IPartialTarget
{
    /// <summary>Whether it takes no more; once true, for ever.</summary>
    bool IsReleased { get; }
}
