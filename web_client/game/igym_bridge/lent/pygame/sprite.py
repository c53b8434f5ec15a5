"""Sprites and groups of them."""

from typing import Any

from .surface import Surface


class Sprite:
    image: Any
    rect: Any

    def __init__(self, *groups: Any) -> None:
        self._groups: list[Any] = []
        for group in groups:
            group.add(self)

    def groups(self) -> list[Any]:
        return list(self._groups)

    def alive(self) -> bool:
        return bool(self._groups)

    def kill(self) -> None:
        for group in self.groups():
            group.remove(self)

    def update(self, *args: Any, **kwargs: Any) -> None:
        pass


class Group:
    """Keeps its sprites in the order they came, so that every browser goes through them alike."""

    def __init__(self, *sprites: Any) -> None:
        self._sprites: list[Any] = []
        self.add(*sprites)

    def add(self, *sprites: Any) -> None:
        for sprite in sprites:
            if sprite not in self._sprites:
                self._sprites.append(sprite)
                sprite._groups.append(self)

    def remove(self, *sprites: Any) -> None:
        for sprite in sprites:
            if sprite in self._sprites:
                self._sprites.remove(sprite)
                sprite._groups.remove(self)

    def sprites(self) -> list[Any]:
        return list(self._sprites)

    def empty(self) -> None:
        self.remove(*self.sprites())

    def update(self, *args: Any, **kwargs: Any) -> None:
        for sprite in self.sprites():
            sprite.update(*args, **kwargs)

    def draw(self, surface: Surface) -> None:
        for sprite in self._sprites:
            surface.blit(sprite.image, sprite.rect)

    def __iter__(self) -> Any:
        return iter(self.sprites())

    def __len__(self) -> int:
        return len(self._sprites)

    def __contains__(self, sprite: Any) -> bool:
        return sprite in self._sprites


RenderPlain = RenderUpdates = OrderedUpdates = Group


def collide_rect(left: Any, right: Any) -> bool:
    return bool(left.rect.colliderect(right.rect))


def spritecollide(sprite: Any, group: Group, dokill: bool, collided: Any = None) -> list[Any]:
    found = [other for other in group if (collided or collide_rect)(sprite, other)]
    for other in found if dokill else ():
        other.kill()
    return found
