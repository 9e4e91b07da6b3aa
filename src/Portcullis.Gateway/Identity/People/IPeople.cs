namespace Portcullis.Gateway.Identity.People;

/// <summary>Where the token service looks up people. Implemented by the control plane.</summary>
public interface IPeople
{
    /// <summary>The person, or null where there is none or they are disabled. Sees changes within a second.</summary>
    ValueTask<Person?> FindAsync(string subject, CancellationToken cancellationToken);
}
