using Portcullis.Gateway.Identity.People;

namespace Portcullis.Serving.Deferred;

/// <summary>The people of a database that is being opened.</summary>
internal sealed class DeferredPeople(Task<IPeople> opening) : IPeople
{
    public ValueTask<Person?> FindAsync(string subject, CancellationToken cancellationToken)
        => opening.IsCompletedSuccessfully ? opening.Result.FindAsync(subject, cancellationToken) : FindLaterAsync(subject, cancellationToken);

    private async ValueTask<Person?> FindLaterAsync(string subject, CancellationToken cancellationToken) => await (await opening.WaitAsync(cancellationToken)).FindAsync(subject, cancellationToken);
}
