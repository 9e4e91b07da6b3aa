using Portcullis.Control.Storage;
using Portcullis.Control.Storage.Entities;

namespace Portcullis.Control.Tests.Identity.Grants;

/// <summary>Rows of people, for what belongs to people.</summary>
internal static class TestPeople
{
    public static Task<int> AddAsync(Store store, params string[] subjects) => store.UseAsync(context =>
    {
        context.People.AddRange(subjects.Select(subject => new Person
        {
            Id = Guid.ParseExact(subject, "N"),
            NameHash = Guid.NewGuid().ToByteArray(),
            Name = Sealed.FromEnvelope([1]),
        }));
        return context.SaveChangesAsync();
    });
}
