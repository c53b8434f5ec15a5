"""Spanish."""

from collections.abc import Mapping

from igym.protocol.told import Entry

SENTENCES: Mapping[str, Entry] = {
    "Thank you": "Gracias",
    "You have finished. Thank you for taking part!": "Ha terminado. ¡Gracias por participar!",
    "The study ended for you": "El estudio ha terminado para usted",
    "Unfortunately you cannot continue. Thank you for your time.": (
        "Lamentablemente no puede continuar. Gracias por su tiempo."
    ),
    "You have left the study": "Ha abandonado el estudio",
    "Thank you for your time. Please ask the experimenter if anything is unclear.": (
        "Gracias por su tiempo. Pregunte a la persona que dirige el estudio si algo no está claro."
    ),
    "The wait is over": "La espera ha terminado",
    "Unfortunately nobody else arrived in time. Thank you for waiting.": (
        "Lamentablemente no ha llegado nadie más a tiempo. Gracias por esperar."
    ),
    "You were away for too long": "Ha estado ausente demasiado tiempo",
    "This study could not wait any longer and has ended for you. What you did until then is saved. Thank you "
    "for your time. Please ask the experimenter if anything is unclear.": (
        "Este estudio no podía esperar más y ha terminado para usted. Lo que hizo hasta entonces está guardado. "
        "Gracias por su tiempo. Pregunte a la persona que dirige el estudio si algo no está claro."
    ),
    "The session has ended": "La sesión ha terminado",
    "The experimenter has ended this session. Thank you for taking part.": (
        "La persona que dirige el estudio ha terminado esta sesión. Gracias por participar."
    ),
    "The game could not be loaded": "No se ha podido cargar el juego",
    "Unfortunately the game did not start on this computer. Please tell the experimenter.": (
        "Lamentablemente el juego no se ha iniciado en este ordenador. Avise a la persona que dirige el estudio, "
        "por favor."
    ),
    "Continued elsewhere": "Continúa en otro lugar",
    "This page is no longer used": "Esta página ya no se usa",
    "Somebody new takes part at this computer now. You can close this page.": (
        "Ahora participa otra persona en este ordenador. Puede cerrar esta página."
    ),
    "This session goes on at another computer.": "Esta sesión continúa en otro ordenador.",
    "This study was opened in another tab or window, and goes on there. You can close this one.": (
        "Este estudio se ha abierto en otra pestaña o ventana y continúa allí. Puede cerrar esta."
    ),
    "Already open": "Ya está abierto",
    "This study is already open in another tab or window. Please go on there, and close this one.": (
        "Este estudio ya está abierto en otra pestaña o ventana. Continúe allí y cierre esta, por favor."
    ),
    "People talk here between the rounds of the game.": "Aquí se conversa entre las rondas del juego.",
    "The experimenter has closed the chat for you.": (
        "La persona que dirige el estudio ha cerrado el chat para usted."
    ),
    "There is nobody to talk to.": "No hay nadie con quien hablar.",
    "You have sent as many messages as this study allows.": "Ha enviado tantos mensajes como permite este estudio.",
    "Nobody talks on this page any more.": "Ya nadie conversa en esta página.",
    "This cannot be said here.": "Esto no se puede decir aquí.",
    "This study cannot be done on this kind of device. Please use another one if you can.": (
        "Este estudio no se puede hacer en este tipo de dispositivo. Use otro si puede, por favor."
    ),
    "The screen or window is too small for this study. Please use a larger one if you can.": (
        "La pantalla o la ventana es demasiado pequeña para este estudio. Use una más grande si puede, por favor."
    ),
    "This study cannot be done with this browser. Please use another one if you can.": (
        "Este estudio no se puede hacer con este navegador. Use otro si puede, por favor."
    ),
    "The connection to this study is too slow to take part. Thank you for trying.": (
        "La conexión con este estudio es demasiado lenta para participar. Gracias por intentarlo."
    ),
    "Unfortunately you cannot take part in this study. Thank you for your interest.": (
        "Lamentablemente no puede participar en este estudio. Gracias por su interés."
    ),
    "Continue": "Continuar",
    "Start": "Empezar",
    "Please wait for the other participants. The game starts by itself.": (
        "Espere a los demás participantes, por favor. El juego empieza solo."
    ),
    "Please keep this page in front and stay with the game, or it will end for you.": (
        "Mantenga esta página en primer plano y siga jugando, por favor, o el juego terminará para usted."
    ),
    "The game had to end for you, because this page was left, idle or too slow. Thank you for taking part.": (
        "El juego tuvo que terminar para usted porque esta página se abandonó, estuvo inactiva o fue demasiado "
        "lenta. Gracias por participar."
    ),
    "The game ended because another participant had to leave. You did nothing wrong.": (
        "El juego terminó porque otra persona tuvo que irse. Usted no ha hecho nada mal."
    ),
    "The game goes on without you. Click here to return.": "El juego sigue sin usted. Haga clic aquí para volver.",
    "The connection to another player was lost. Waiting for their return.": (
        "Se ha perdido la conexión con otra persona. Esperamos a que vuelva."
    ),
    "The other player did not come back, so the game ended early. You did nothing wrong.": (
        "La otra persona no volvió, así que el juego terminó antes. Usted no ha hecho nada mal."
    ),
    "The connection to your game was gone for too long, so it ended for you. What you did until then is "
    "saved, and you can go on here.": (
        "La conexión con su juego se perdió demasiado tiempo, así que terminó para usted. Lo que hizo hasta "
        "entonces está guardado, y puede continuar aquí."
    ),
    "You were away from your game for too long, so it ended for you. What you did until then is saved, and "
    "you can go on here.": (
        "Estuvo demasiado tiempo fuera de su juego, así que terminó para usted. Lo que hizo hasta entonces está "
        "guardado, y puede continuar aquí."
    ),
    "The experimenter has ended this game. You did nothing wrong.": (
        "La persona que dirige el estudio ha terminado este juego. Usted no ha hecho nada mal."
    ),
    "The game had to end because of an error in its program. It is not your fault: everything until then was "
    "saved, and the experimenter has been told.": (
        "El juego tuvo que terminar por un error en su programa. No es culpa suya: todo hasta entonces está "
        "guardado, y la persona que dirige el estudio está avisada."
    ),
    "This link is not complete, or was changed. Please open it as you got it.": (
        "Este enlace no está completo o se ha modificado. Ábralo tal como lo recibió, por favor."
    ),
    "Please open the personal link you were given.": "Abra el enlace personal que recibió, por favor.",
    "This link carries no participant id. Please use the link you were given.": (
        "Este enlace no contiene ninguna identificación. Use el enlace que recibió, por favor."
    ),
    "Please choose or type the name you were given.": "Elija o escriba el nombre que recibió, por favor.",
    "Please type your name or number.": "Escriba su nombre o número, por favor.",
    "Please use at most {most} ordinary characters.": "Use como máximo {most} caracteres corrientes, por favor.",
    "This name is not on the list. Please check it, or ask the experimenter.": (
        "Este nombre no está en la lista. Compruébelo o pregunte a la persona que dirige el estudio."
    ),
    "This session does not take new participants at the moment. Please ask the experimenter.": (
        "Esta sesión no admite nuevos participantes por el momento. Pregunte a la persona que dirige el estudio, "
        "por favor."
    ),
    "All places of this session are taken. Please ask the experimenter.": (
        "Todas las plazas de esta sesión están ocupadas. Pregunte a la persona que dirige el estudio, por favor."
    ),
    "Some answers are not right yet. Please look at them again; you have {n} more attempts.": {
        "one": "Algunas respuestas aún no son correctas. Revíselas, por favor; le queda un intento.",
        "other": "Algunas respuestas aún no son correctas. Revíselas, por favor; le quedan {n} intentos.",
    },
    "This answer is not right.": "Esta respuesta no es correcta.",
    "This study goes on only with the right answers to its questions. Thank you for your time.": (
        "Este estudio solo continúa con las respuestas correctas a sus preguntas. Gracias por su tiempo."
    ),
    "This study goes on only after what its practice asks for. Thank you for your time.": (
        "Este estudio solo continúa cuando se logra lo que pide la práctica. Gracias por su tiempo."
    ),
    "yes": "sí",
    "no": "no",
    "All places are taken": "Todas las plazas están ocupadas",
    "All places of this study are taken. Thank you for your interest.": (
        "Todas las plazas de este estudio están ocupadas. Gracias por su interés."
    ),
    "Somebody already takes part under this name. Please ask the experimenter.": (
        "Alguien participa ya con este nombre. Pregunte a la persona que dirige el estudio, por favor."
    ),
    "This seat address is not valid. Please ask the experimenter.": (
        "Esta dirección de puesto no es válida. Pregunte a la persona que dirige el estudio, por favor."
    ),
    "Somebody already takes part at this computer. Please ask the experimenter.": (
        "Alguien participa ya en este ordenador. Pregunte a la persona que dirige el estudio, por favor."
    ),
    "This page may not join. Please open the link you were given.": (
        "Esta página no puede participar. Abra el enlace que recibió, por favor."
    ),
    "Joining did not work. Please try again, or tell the experimenter.": (
        "No se ha podido participar. Inténtelo de nuevo o avise a la persona que dirige el estudio."
    ),
    "The study is out of reach for a moment. Please try again in a few seconds.": (
        "El estudio no está disponible por un momento. Vuelva a intentarlo en unos segundos."
    ),
    "This page has connected very often in a short time. Please leave it open: it goes on in a few seconds.": (
        "Esta página se ha conectado muchas veces en poco tiempo. Déjela abierta, por favor: continúa en unos segundos."
    ),
    "Too many people are joining at this moment. Please try again in a second.": (
        "En este momento entran demasiadas personas. Inténtelo de nuevo en un segundo, por favor."
    ),
    "Nobody can join just now, because the data cannot be saved. Please tell the experimenter.": (
        "Ahora mismo no puede participar nadie, porque no se pueden guardar los datos. Avise a la persona que "
        "dirige el estudio, por favor."
    ),
    "The link or the name is too long.": "El enlace o el nombre es demasiado largo.",
    "This page could not be understood. Please reload it.": "No se ha entendido esta página. Recárguela, por favor.",
    "Please answer this question.": "Responda a esta pregunta, por favor.",
    "This question is not part of the page.": "Esta pregunta no forma parte de la página.",
    "Please write text.": "Escriba un texto, por favor.",
    "Please write at least {n} characters.": {
        "one": "Escriba al menos un carácter, por favor.",
        "other": "Escriba al menos {n} caracteres, por favor.",
    },
    "Please write at most {n} characters.": {
        "one": "Escriba como máximo un carácter, por favor.",
        "other": "Escriba como máximo {n} caracteres, por favor.",
    },
    "Please check the form of this answer.": "Compruebe la forma de esta respuesta, por favor.",
    "Please write a number.": "Escriba un número, por favor.",
    "Please write a whole number.": "Escriba un número entero, por favor.",
    "Please choose from the list.": "Elija de la lista, por favor.",
    "Please put every item of the list in its place.": "Dé su puesto a cada elemento de la lista, por favor.",
    "Please choose at least {n}.": {
        "one": "Elija al menos una respuesta, por favor.",
        "other": "Elija al menos {n} respuestas, por favor.",
    },
    "Please choose at most {n}.": {
        "one": "Elija como máximo una respuesta, por favor.",
        "other": "Elija como máximo {n} respuestas, por favor.",
    },
    "Please choose a point on the scale.": "Elija un punto de la escala, por favor.",
    "Please choose a day.": "Elija un día, por favor.",
    "Please choose a day from {day} on.": "Elija un día a partir del {day}, por favor.",
    "Please choose a day up to {day}.": "Elija un día hasta el {day}, por favor.",
    "Please tick the box, or leave it.": "Marque la casilla o déjela, por favor.",
    "Please tick this box to go on.": "Marque esta casilla para continuar, por favor.",
    "Please choose a value of at least {number}.": "Elija un valor de al menos {number}, por favor.",
    "Please choose a value of at most {number}.": "Elija un valor de como máximo {number}, por favor.",
    "I cannot reply at the moment. Please go on without me.": (
        "Ahora mismo no puedo responder. Continúe sin mí, por favor."
    ),
}
