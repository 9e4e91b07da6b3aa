namespace Portcullis.Gateway.EventLoops;

/// <summary>Work that waits until the events at hand have been told, because what they lead to goes out together.</summary>
internal interface IAfterEvents
{
    /// <summary>Does the work, on the loop's thread. Never throws.</summary>
    void AfterEvents();
}
