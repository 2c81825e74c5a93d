"""A handset dies: a new one takes over everything but the old one's secrets."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from provisioning.engine.mac import MacAddress
from provisioning.engine.scopes import Variables
from provisioning.services import links, models, own_accounts, phones
from provisioning.services.errors import BadName, InUse, NotFound
from provisioning.services.links import Transfer
from provisioning.services.move_effects import Effect
from provisioning.services.phones import Facts, PhoneDetails
from provisioning.services.site import Site
from provisioning.store import layouts, proofs
from provisioning.store import phones as stored_phones


@dataclass(frozen=True, slots=True)
class Replace:
    """A new handset takes over from an old one."""

    action: ClassVar[str] = "replace"

    old: MacAddress
    new: MacAddress
    """Not registered, or registered and not linked."""
    model: str | None = None
    """Of the new one; None: that of the old one."""
    keep_old: bool = False
    """The old one stays registered, unlinked; else it is deleted, and its tokens end."""

    @property
    def subject(self) -> str:
        """What the history files it under."""
        return str(self.old)

    def phones(self) -> list[MacAddress]:
        """Both."""
        return [self.old, self.new]

    def takes_over(self) -> Mapping[str, str]:
        """The new one is what the old one was."""
        return {str(self.new): str(self.old)}

    def perform(self, site: Site, *, by: str) -> list[Effect]:
        """Do it, inside a transaction.

        Raises:
            NotFound: the old one is not registered, or there is no such model.
            InUse: the new one belongs to somebody.
            BadName: they are the same.
        """
        if self.old == self.new:
            raise BadName("new phone", str(self.new), "another phone than the old one")
        if linked := links.of_phone(self.new):
            raise InUse("phone", str(self.new), f"user {linked[0].user}")
        old = phones.get(site, self.old)
        model = old.model if self.model is None else models.get(site, self.model).id
        lines = [link.line for link in links.of_phone(self.old)]
        told = self._vendor(site, model)
        variables, kept_behind = self._settings(site, old, model, lines)
        self._register(site, old, model, variables, by=by)
        layouts.forget_target("phone", str(self.new))
        layouts.move_target("phone", str(self.old), str(self.new))
        proofs.touch([str(self.old), str(self.new)])
        links.transfer([Transfer(self.old, line, self.new, line) for line in lines], by=by)
        if self.keep_old:
            theirs = own_accounts.lines_of(site.catalogue, old.variables)
            told += own_accounts.remove(site, self.old, theirs, by=by)
        else:
            phones.delete(self.old, by=by)
        return [*told, *kept_behind]

    def _vendor(self, site: Site, model: str) -> list[Effect]:
        """Whether the address of the new one tells another vendor than its model."""
        by_address = site.library.vendor_of(self.new)
        try:
            vendor = models.get(site, model).vendor
        except NotFound:  # of a model that nobody made nothing is known
            return []
        if by_address is None or not vendor or by_address.id == vendor:
            return []
        return [Effect("other_vendor", "phone", str(self.new), "", vendor, by_address.id)]

    def _settings(
        self, site: Site, old: PhoneDetails, model: str, lines: list[int]
    ) -> tuple[Variables, list[Effect]]:
        """The settings that the new one takes over, and what there is to say of the others."""
        catalogue, new = site.catalogue, str(self.new)
        variables, told = dict(old.variables), []
        for line, names in sorted(own_accounts.lines_of(catalogue, variables).items()):
            if line in lines:  # the link gives the new one its account
                for name in names:
                    del variables[name]
            elif user := variables.get(f"account_username_{line}"):
                told.append(Effect("secret_stays", "phone", new, f"line {line}", user, user))
        if model != old.model:
            for name in list(variables):
                parameter = catalogue.find(name)
                # Firmware of another model may well destroy a phone.
                if parameter and (parameter.writer == "model" or parameter.name == "firmware_file"):
                    value = variables.pop(name)
                    told.append(Effect("setting_left_behind", "phone", new, name, value))
        return variables, told

    def _register(
        self, site: Site, old: PhoneDetails, model: str, variables: Variables, *, by: str
    ) -> None:
        taken_over = {"location": old.facts.location, "tags": old.facts.tags}
        if stored_phones.find(str(self.new)) is None:
            facts = replace(Facts(), **taken_over)  # type: ignore[arg-type]
            phones.create(
                site,
                self.new,
                model=model,
                display_name=old.display_name,
                variables=variables,
                facts=facts,
                by=by,
            )
            return
        own = phones.get(site, self.new).variables
        phones.change(
            site,
            self.new,
            model=model,
            display_name=old.display_name,
            variables={**dict.fromkeys(own), **variables},
            facts=taken_over,
            by=by,
        )
